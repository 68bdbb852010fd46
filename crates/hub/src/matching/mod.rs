//! A need, answered: every product, ranked by what has been proved about it for exactly this.
//!
//! What makers state (payload, reach) is shown and ranks nothing. Evidence for other parameters is shown as the nearest and proves
//! nothing. Evidence that the hub could not run again to the same bits, of a seed chosen by hand, or by other thresholds than the
//! job's does not count at all; and where a solution was tried on the packages of now, what it did on earlier ones no longer counts.

/// A match as an acceptance file.
mod agree;
/// What is at hand on this machine, without a hub.
mod local;
/// Offers against a need's limits.
mod offered;
/// Evidence against a need.
mod shown;
/// Why a product stands where it stands.
mod words;

use std::cmp::Ordering;
use std::collections::btree_map;
use std::iter::Peekable;

use rusqlite::Connection;

use crate::records::{
    GroupCounts, LimitLine, Limits, Match, MatchGroup, MatchLine, Parameter, ProductLine, RequirementLine, Scenario, Text, Wanted,
};
use crate::store::evidence::{self, Current};
use crate::store::shelf::Shelf;
use crate::store::{Result, catalog, offers};

pub use agree::{AgreeError, acceptance};
pub use local::{Here, LocalError};
use offered::{Best, best_offers};
use shown::{Shown, shown};

/// What an answer is made from.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The records.
    pub db: &'a Connection,
    /// Its products.
    pub shelf: &'a Shelf,
    /// What the packages and the engine are now.
    pub now: &'a Current,
}

/// Why a need cannot be answered, in both languages: what, and what to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswerable {
    /// There is no such job.
    NoJob(String),
    /// A parameter or limit does not fit.
    Unfit(Text),
}

/// The need with every parameter of its job, and the job; or why there is no answer.
pub fn complete(db: &Connection, wanted: &Wanted) -> Result<std::result::Result<(Wanted, Scenario), Unanswerable>> {
    let Some(job) = catalog::find_job(db, &wanted.scenario)? else {
        return Ok(Err(Unanswerable::NoJob(wanted.scenario.clone())));
    };
    if let Some(what) = unfit(wanted, &job) {
        return Ok(Err(Unanswerable::Unfit(what)));
    }
    let value = |p: &Parameter| wanted.parameters.get(&p.name).copied().unwrap_or(p.default);
    let parameters = job.parameters.iter().map(|p| (p.name.clone(), value(p))).collect();
    Ok(Ok((Wanted { parameters, ..wanted.clone() }, job)))
}

/// What of a need does not fit its job.
fn unfit(wanted: &Wanted, job: &Scenario) -> Option<Text> {
    let id = &wanted.scenario;
    for (name, &value) in &wanted.parameters {
        let Some(p) = job.parameters.iter().find(|p| p.name == *name) else {
            let names: Vec<_> = job.parameters.iter().map(|p| p.name.as_str()).collect();
            let names = names.join(", ");
            return Some(Text::new(
                format!("场景“{id}”没有参数 {name}；它有：{names}"),
                format!("scenario `{id}` has no parameter `{name}`; it has: {names}"),
            ));
        };
        if !(p.min..=p.max).contains(&value) {
            let (min, max, unit) = (p.min, p.max, &p.unit);
            return Some(Text::new(
                format!("{name} = {value} {unit} 超出范围；场景“{id}”允许 {min} 至 {max} {unit}"),
                format!("`{name}` = {value} {unit} is outside its range; scenario `{id}` allows {min} to {max} {unit}"),
            ));
        }
    }
    let limits = &wanted.limits;
    if limits.price_cny.is_some() && limits.per.is_none() {
        return Some(Text::new("price_cny 需同时给出 per：价格按什么计", "`price_cny` needs `per`: what the price is for"));
    }
    for (name, value) in [("price_cny", limits.price_cny), ("floor_m2", limits.floor_m2)] {
        if value.is_some_and(|value| !(value > 0.0 && value <= 1e12)) {
            return Some(Text::new(format!("{name} 须大于 0"), format!("`{name}` is above 0")));
        }
    }
    None
}

/// A product's place before ranks are given.
struct Placed<'a> {
    product: &'a ProductLine,
    group: MatchGroup,
    /// 0: its offer holds every limit; 1: it does not; 2: there is none.
    offered: u8,
    /// Whether its maker names the job's sector; orders the unproven.
    meant: bool,
    margin: Option<f64>,
    price: Option<f64>,
}

impl<'a> Placed<'a> {
    fn of(product: &'a ProductLine, evidence: Option<&Shown>, offer: Option<&Best>, limits: &Limits, meant: bool) -> Self {
        let group = evidence.map_or(MatchGroup::Unproven, |e| e.group);
        let offered = match offer {
            _ if *limits == Limits::default() => 0,
            Some(best) if best.holds_all() => 0,
            Some(_) => 1,
            None => 2,
        };
        let price = offer.filter(|best| Some(best.per) == limits.per).map(|best| best.price_cny);
        let meant = group == MatchGroup::Unproven && meant;
        Self { product, group, offered, meant, margin: evidence.and_then(|e| e.margin), price }
    }

    /// The better one first; equal where nothing says which is better.
    fn order(&self, other: &Self) -> Ordering {
        let down = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => b.total_cmp(&a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        let up = |a: Option<f64>, b: Option<f64>| down(a.map(|a| -a), b.map(|b| -b));
        (self.group.cmp(&other.group))
            .then(self.offered.cmp(&other.offered))
            .then(other.meant.cmp(&self.meant))
            .then(down(self.margin, other.margin))
            .then(up(self.price, other.price))
    }
}

/// Answers a need that [`complete`] gave.
pub fn answer(on: Ground, wanted: &Wanted, job: &Scenario, page: u64, per_page: u64) -> Result<Match> {
    let shown = shown(on, wanted, &job.parameters)?;
    let offers = best_offers(on.db, &wanted.limits)?;
    let limited = wanted.limits != Limits::default();
    let mut counts = GroupCounts::default();
    // Products, what they were shown to do and their offers are walked side by side, all in the order of ids.
    let (mut shown_here, mut offers_here) = (shown.iter().peekable(), offers.iter().peekable());
    let mut meant = on.shelf.products_meant_for(&job.line.sector).iter().peekable();
    let mut placed: Vec<Placed> = on
        .shelf
        .all_products()
        .iter()
        .zip(0..)
        .map(|(product, number)| {
            let meant = meant.next_if_eq(&&number).is_some();
            let (evidence, offer) = (beside(&mut shown_here, &product.id), beside(&mut offers_here, &product.id));
            Placed::of(product, evidence, offer, &wanted.limits, meant)
        })
        .inspect(|placed| *counter(&mut counts, placed.group) += 1)
        .collect();
    // Stable, so that what is tied stays in the order of ids.
    placed.sort_by(Placed::order);
    let total = placed.len() as u64;
    let first = (page - 1).saturating_mul(per_page).min(total) as usize;
    let last = (first + per_page as usize).min(placed.len());
    // A rank is one more than the number of better products.
    let mut rank =
        placed[..first].iter().rposition(|p| first < last && p.order(&placed[first]) != Ordering::Equal).map_or(0, |i| i + 1);
    let mut items = Vec::new();
    for i in first..last {
        if i > 0 && placed[i - 1].order(&placed[i]) != Ordering::Equal {
            rank = i;
        }
        let here = &placed[i];
        let (evidence, best) = (shown.get(&here.product.id), offers.get(&here.product.id));
        items.push(line(on, here, rank as u64 + 1, evidence, best, limited)?);
    }
    Ok(Match {
        wanted: wanted.clone(),
        scenario_name: job.line.name.clone(),
        counts,
        rules: words::rules(),
        items,
        total,
        page,
        per_page,
    })
}

/// What stands at `id`, past what stands before it.
fn beside<'a, T>(sorted: &mut Peekable<btree_map::Iter<'a, String, T>>, id: &str) -> Option<&'a T> {
    while sorted.next_if(|(before, _)| before.as_str() < id).is_some() {}
    sorted.next_if(|(here, _)| here.as_str() == id).map(|(_, found)| found)
}

/// What the answer to a complete need says about one product, at whatever place; none if there is no such product.
fn about(on: Ground, wanted: &Wanted, job: &Scenario, product: &str) -> Result<Option<MatchLine>> {
    let Some(product) = on.shelf.product(product) else { return Ok(None) };
    let shown = shown(on, wanted, &job.parameters)?;
    let offers = best_offers(on.db, &wanted.limits)?;
    let (evidence, best) = (shown.get(&product.id), offers.get(&product.id));
    let placed = Placed::of(product, evidence, best, &wanted.limits, false);
    line(on, &placed, 0, evidence, best, wanted.limits != Limits::default()).map(Some)
}

fn counter(counts: &mut GroupCounts, group: MatchGroup) -> &mut u64 {
    match group {
        MatchGroup::Proved => &mut counts.proved,
        MatchGroup::ProvedStale => &mut counts.proved_stale,
        MatchGroup::Undecided => &mut counts.undecided,
        MatchGroup::Unproven => &mut counts.unproven,
        MatchGroup::Refuted => &mut counts.refuted,
        MatchGroup::Rejected => &mut counts.rejected,
    }
}

fn line(on: Ground, placed: &Placed, rank: u64, shown: Option<&Shown>, best: Option<&Best>, limited: bool) -> Result<MatchLine> {
    let product = ProductLine { verdicts: catalog::counts(on.db, "robot", &placed.product.id)?, ..placed.product.clone() };
    let evidence = match shown.and_then(|s| s.evidence.as_ref()) {
        Some(digest) => evidence::find(on.db, digest, on.now)?,
        None => None,
    };
    let nearest = match shown.filter(|s| s.evidence.is_none()).and_then(|s| s.nearest.as_ref()) {
        Some(digest) => evidence::find_line(on.db, digest, on.now)?,
        None => None,
    };
    let worst = evidence.as_ref().and_then(|e| worst(&e.requirements)).cloned();
    let offer = match best {
        Some(best) => offers::find(on.db, &best.id)?,
        None => None,
    };
    let why = words::why(placed.group, evidence.as_ref(), worst.as_ref(), nearest.as_ref(), offer.as_ref(), best, limited);
    Ok(MatchLine {
        rank,
        group: placed.group,
        product,
        evidence: evidence.map(|e| e.line),
        worst,
        nearest,
        offer,
        limits: best
            .iter()
            .flat_map(|best| &best.limits)
            .map(|&(limit, holds)| LimitLine { limit: limit.to_string(), holds })
            .collect(),
        why,
    })
}

/// The deciding requirement whose lower bound is least above, or most below, the required rate.
fn worst(requirements: &[RequirementLine]) -> Option<&RequirementLine> {
    let deciding = requirements.iter().filter(|r| r.decides);
    deciding.min_by(|a, b| (a.low - a.rate_at_least).total_cmp(&(b.low - b.rate_at_least)))
}
