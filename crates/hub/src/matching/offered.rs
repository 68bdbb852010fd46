//! Offers against a need's limits.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::records::{Limits, OfferKind, PricePer};
use crate::store::Result;
use crate::store::catalog::word;

/// The offer of a product that holds most limits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Best {
    pub id: String,
    pub price_cny: f64,
    pub per: PricePer,
    /// Each limit by its name, and whether it is held; none if the offer does not say.
    pub limits: Vec<(&'static str, Option<bool>)>,
}

impl Best {
    /// Whether it holds every limit, and says so.
    pub fn holds_all(&self) -> bool {
        self.limits.iter().all(|(_, holds)| *holds == Some(true))
    }

    /// How many limits it does not hold, and how many it says nothing about.
    fn misses(&self) -> (usize, usize) {
        let count = |how| self.limits.iter().filter(|(_, holds)| *holds == how).count();
        (count(Some(false)), count(None))
    }

    fn order(&self, other: &Self, per: Option<PricePer>) -> Ordering {
        // Prices for different things do not compare; those asked for come first.
        let asked = |best: &Self| per.is_some_and(|per| best.per == per);
        (self.misses().cmp(&other.misses()))
            .then(asked(other).cmp(&asked(self)))
            .then(self.per.cmp(&other.per))
            .then(self.price_cny.total_cmp(&other.price_cny))
            .then(self.id.cmp(&other.id))
    }
}

/// Of each product with an offer that stands today, the best.
pub(super) fn best_offers(db: &Connection, limits: &Limits) -> Result<BTreeMap<String, Best>> {
    let mut statement = db.prepare_cached(
        "SELECT id, product, kind, price_cny, per, delivery_days, regions, floor_m2 FROM offer \
         WHERE valid_until IS NULL OR valid_until >= date('now')",
    )?;
    let region = limits.region.map(|region| format!("|{}|", word(&region)));
    let (kind, per) = (limits.kind.map(|kind| word(&kind)), limits.per.map(|per| word(&per)));
    let mut out: BTreeMap<String, Best> = BTreeMap::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (of_kind, of_per) = (row.get_ref(2)?.as_str().unwrap_or_default(), row.get_ref(4)?.as_str().unwrap_or_default());
        let (price_cny, days): (f64, u32) = (row.get(3)?, row.get(5)?);
        let regions = row.get_ref(6)?.as_str().unwrap_or_default();
        let floor_m2: Option<f64> = row.get(7)?;
        let mut lines = Vec::with_capacity(5);
        let mut say = |limit, holds| lines.push((limit, holds));
        if let Some(kind) = &kind {
            say("kind", Some(of_kind == kind));
        }
        if let (Some(most), Some(per)) = (limits.price_cny, &per) {
            say("price_cny", Some(of_per == per && price_cny <= most));
        } else if let Some(per) = &per {
            say("per", Some(of_per == per));
        }
        if let Some(most) = limits.delivery_days {
            say("delivery_days", Some(days <= most));
        }
        if let Some(region) = &region {
            say("region", Some(regions.is_empty() || regions.contains(region)));
        }
        if let Some(most) = limits.floor_m2 {
            say("floor_m2", floor_m2.map(|floor| floor <= most));
        }
        let Some(per) = per_of(of_per) else { continue };
        let best = Best { id: row.get(0)?, price_cny, per, limits: lines };
        let product = row.get_ref(1)?.as_str().unwrap_or_default();
        match out.get_mut(product) {
            Some(known) if best.order(known, limits.per) == Ordering::Less => *known = best,
            Some(_) => {}
            None => drop(out.insert(product.to_string(), best)),
        }
    }
    Ok(out)
}

/// The unit of a price by its word.
fn per_of(text: &str) -> Option<PricePer> {
    [PricePer::Piece, PricePer::Month, PricePer::Hour, PricePer::Job].into_iter().find(|per| word(per) == text)
}

/// What each limit is called, and each kind of offer.
pub(super) fn limit_name(limit: &str) -> (&'static str, &'static str) {
    match limit {
        "kind" => ("方式", "kind"),
        "price_cny" => ("价格", "price"),
        "per" => ("计价方式", "what the price is for"),
        "delivery_days" => ("交付期", "delivery"),
        "region" => ("地区", "region"),
        _ => ("占地", "floor"),
    }
}

/// What an offer's kind is called.
pub(super) fn kind_name(kind: OfferKind) -> (&'static str, &'static str) {
    match kind {
        OfferKind::Sale => ("出售", "sale"),
        OfferKind::Lease => ("租赁", "lease"),
        OfferKind::Share => ("共享", "share"),
        OfferKind::Operate => ("代运营", "operation"),
    }
}
