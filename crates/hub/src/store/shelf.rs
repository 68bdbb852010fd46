//! The catalog's lists in memory: every product and scenario as lists show them, found by words and figures.
//!
//! A shelf follows from the tables alone. A trigger counts every change of them (`catalog_change`), and who reads a count beyond the
//! shelf's has the tables read anew, so a list never shows less than the records of its moment.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::de::DeserializeOwned;

use super::Result;
use super::catalog::{ProductFilter, ScenarioFilter};
use crate::records::{Page, ProductLine, ScenarioLine, SectorCounts};
use crate::search::{self, Term};

/// Products and scenarios as of one change of the catalog.
#[derive(Debug, Default)]
pub struct Shelf {
    change: u64,
    products: List<ProductLine>,
    scenarios: List<ScenarioLine>,
    counts: ShelfCounts,
    /// Products by the sectors they are meant for, as their places in the list.
    meant: BTreeMap<String, Vec<u32>>,
}

/// How many of each kind there are.
#[derive(Clone, Debug, Default)]
pub struct ShelfCounts {
    /// Products of each class.
    pub classes: BTreeMap<String, u64>,
    /// Products and scenarios of each sector.
    pub sectors: BTreeMap<String, SectorCounts>,
}

/// How often the catalog has changed.
pub(super) fn change(db: &Connection) -> Result<u64> {
    Ok(db.prepare_cached("SELECT count FROM catalog_change")?.query_row([], |row| row.get(0))?)
}

impl Shelf {
    /// Changes of the catalog that it knows of.
    pub(super) fn change(&self) -> u64 {
        self.change
    }

    /// Reads the tables.
    pub(crate) fn read(db: &Connection) -> Result<Self> {
        let of_product = |line: &ProductLine| words(&[&line.id, &line.name.zh, &line.name.en, &line.maker.zh, &line.maker.en]);
        let of_scenario = |line: &ScenarioLine| words(&[&line.id, &line.name.zh, &line.name.en, &line.plan]);
        let (products, scenarios) = (lines(db, "product")?, lines(db, "scenario")?);
        Ok(Self {
            change: change(db)?,
            counts: ShelfCounts::of(&products, &scenarios),
            meant: meant(&products),
            products: List::new(products, of_product),
            scenarios: List::new(scenarios, of_scenario),
        })
    }

    /// How many of each kind there are.
    pub fn counts(&self) -> &ShelfCounts {
        &self.counts
    }

    /// Every product, by id; without their verdicts.
    pub fn all_products(&self) -> &[ProductLine] {
        &self.products.lines
    }

    /// Every scenario, by id; without their verdicts.
    pub fn all_scenarios(&self) -> &[ScenarioLine] {
        &self.scenarios.lines
    }

    /// Products that name this sector, as their places in [`Shelf::all_products`], in order.
    pub fn products_meant_for(&self, sector: &str) -> &[u32] {
        self.meant.get(sector).map_or(&[], Vec::as_slice)
    }

    /// A product.
    pub fn product(&self, id: &str) -> Option<&ProductLine> {
        let lines = &self.products.lines;
        lines.binary_search_by(|line| line.id.as_str().cmp(id)).ok().map(|place| &lines[place])
    }

    /// Products, by id; without their verdicts.
    pub fn products(&self, filter: &ProductFilter, page: u64, per_page: u64) -> Page<ProductLine> {
        let is = |wanted: &Option<String>, have: &str| wanted.as_ref().is_none_or(|wanted| wanted == have);
        let wanted = |line: &ProductLine| {
            let stated = |name: &str| line.figures.iter().find(|figure| figure.name == name);
            let at_least = |least: Option<f64>, name| least.is_none_or(|least| stated(name).is_some_and(|f| f.value >= least));
            is(&filter.class, &line.class)
                && filter.sector.as_ref().is_none_or(|sector| line.sectors.contains(sector))
                && at_least(filter.payload_min, "payload_kg")
                && at_least(filter.reach_min, "reach_m")
                && (filter.standing.is_none()
                    || is(&filter.standing, stated("payload_kg").or(stated("reach_m")).map_or("", |f| &f.standing)))
        };
        self.products.page(filter.q.as_deref(), wanted, page, per_page)
    }

    /// Scenarios, by id; without their verdicts.
    pub fn scenarios(&self, filter: &ScenarioFilter, page: u64, per_page: u64) -> Page<ScenarioLine> {
        let wanted = |line: &ScenarioLine| filter.sector.as_ref().is_none_or(|sector| *sector == line.sector);
        self.scenarios.page(filter.q.as_deref(), wanted, page, per_page)
    }
}

fn meant(products: &[ProductLine]) -> BTreeMap<String, Vec<u32>> {
    let mut meant: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (number, product) in (0..).zip(products) {
        for sector in &product.sectors {
            let named = meant.entry(sector.clone()).or_default();
            // A package may name a sector twice.
            if named.last() != Some(&number) {
                named.push(number);
            }
        }
    }
    meant
}

impl ShelfCounts {
    fn of(products: &[ProductLine], scenarios: &[ScenarioLine]) -> Self {
        let mut counts = Self::default();
        for product in products {
            *counts.classes.entry(product.class.clone()).or_default() += 1;
            for sector in &product.sectors {
                counts.sectors.entry(sector.clone()).or_default().products += 1;
            }
        }
        for scenario in scenarios {
            counts.sectors.entry(scenario.sector.clone()).or_default().scenarios += 1;
        }
        counts
    }
}

fn lines<T: DeserializeOwned>(db: &Connection, table: &str) -> Result<Vec<T>> {
    let mut rows = db.prepare(&format!("SELECT body FROM {table} ORDER BY id"))?;
    let bodies = rows.query_map([], |row| row.get::<_, String>(0))?;
    bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
}

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().flat_map(|text| search::words(text)).collect()
}

/// Lines in the order of their ids, and for each word those that have it.
#[derive(Debug)]
struct List<T> {
    lines: Vec<T>,
    words: BTreeMap<String, Vec<u32>>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { lines: Vec::new(), words: BTreeMap::new() }
    }
}

impl<T: Clone> List<T> {
    fn new(lines: Vec<T>, words_of: impl Fn(&T) -> Vec<String>) -> Self {
        let mut words: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (number, line) in (0..).zip(&lines) {
            for word in words_of(line) {
                let having = words.entry(word).or_default();
                if having.last() != Some(&number) {
                    having.push(number);
                }
            }
        }
        Self { lines, words }
    }

    fn page(&self, typed: Option<&str>, wanted: impl Fn(&T) -> bool, page: u64, per_page: u64) -> Page<T> {
        let terms = match typed.map(str::trim).filter(|typed| !typed.is_empty()).map(search::terms) {
            None => Vec::new(),
            Some(Some(terms)) => terms,
            Some(None) => return Page { items: Vec::new(), total: 0, page, per_page },
        };
        // How many of the terms, in order, each line has.
        let mut has = vec![0; self.lines.len()];
        for (before, term) in (0_u32..).zip(&terms) {
            self.each_having(term, |number| {
                if has[number] == before {
                    has[number] = before + 1;
                }
            });
        }
        let all = terms.len() as u32;
        let found = self.lines.iter().zip(&has).filter(|(line, has)| **has == all && wanted(line));
        let (first, mut total, mut items) = ((page - 1) * per_page, 0, Vec::new());
        for (line, _) in found {
            if (first..first + per_page).contains(&total) {
                items.push(line.clone());
            }
            total += 1;
        }
        Page { items, total, page, per_page }
    }

    /// Names every line that has a term, perhaps more than once.
    fn each_having(&self, term: &Term, mut tell: impl FnMut(usize)) {
        let mut tell = |having: &Vec<u32>| having.iter().for_each(|number| tell(*number as usize));
        match term {
            Term::Word(word) => self.words.get(word).into_iter().for_each(&mut tell),
            Term::Beginning(beginning) => {
                let from_here = self.words.range(beginning.clone()..);
                from_here.take_while(|(word, _)| word.starts_with(beginning)).for_each(|(_, having)| tell(having));
            }
        }
    }
}
