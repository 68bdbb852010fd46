//! What the monitor counts from evidence.
//!
//! [`Following`] keeps in memory who has proved what and reads only the proofs that it does not know, so that a request scans no
//! million rows; [`Figures`] are its counts as of one length of the ledger. Whether a proof stands depends on the catalog, which
//! stays the same while a hub runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use rusqlite::{Connection, OptionalExtension};

use super::evidence::Current;
use super::shelf::Shelf;
use super::{Result, imports, ledger, locked};
use crate::records::{
    CountedState, Counts, District, Executed, OrganizationKind, Point, ProductLine, ScenarioLine, Share, Text, Tier,
};

/// The class of humanoids.
pub const HUMANOID: &str = "humanoid";
/// Beijing's time, ahead of UTC [ms].
const BEIJING_MS: u64 = 8 * 3600 * 1000;
/// Answers that are kept until the ledger grows.
const MOST_ANSWERS: usize = 128;

/// The first proof of something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proof {
    /// When it was published, milliseconds since 1970.
    pub since_ms: u64,
    /// The evidence.
    pub evidence: Arc<str>,
}

/// What is known about a product or scenario apart from who it is.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    fresh: Option<Proof>,
    stale: Option<Proof>,
}

impl Seen {
    fn add(&mut self, proof: Proof, is_fresh: bool) {
        let place = if is_fresh { &mut self.fresh } else { &mut self.stale };
        if place.as_ref().is_none_or(|known| proof < *known) {
            *place = Some(proof);
        }
    }
}

/// An organization, as far as figures go.
#[derive(Clone, Debug)]
pub struct Maker {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: OrganizationKind,
    /// Where it is.
    pub district: Option<District>,
    /// Its tier.
    pub tier: Option<Tier>,
}

/// A product or scenario that is counted.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// A product's class.
    pub class: Option<String>,
    /// Its sectors.
    pub sectors: Vec<String>,
    /// The part with which a scenario is done.
    pub tool: Option<String>,
    /// Its makers, by their places in [`Figures::makers`].
    pub makers: Vec<usize>,
    /// When it came into the catalog, milliseconds since 1970.
    pub registered_ms: u64,
    /// How far it is.
    pub state: CountedState,
    /// The first proof that stands, or else the first that did.
    pub proof: Option<Proof>,
    /// All its verdicts.
    pub verdicts: Counts,
}

/// Everything that is counted, as of one length of the ledger.
#[derive(Debug, Default)]
pub struct Figures {
    /// The ledger's length.
    pub ledger: u64,
    /// Products, by id.
    pub products: Vec<Subject>,
    /// Scenarios, by id.
    pub scenarios: Vec<Subject>,
    /// Scenarios as far as humanoids have proved them, by id.
    pub humanoid: Vec<Subject>,
    /// Organizations.
    pub makers: Vec<Maker>,
    /// What was answered from them.
    pub answers: Answers,
}

/// Answers that follow from figures and the records of their moment, by what was asked.
#[derive(Debug, Default)]
pub struct Answers(Mutex<BTreeMap<String, Bytes>>);

impl Answers {
    /// The answer to `asked`, made by `make` if it is the first time.
    pub fn or_make(&self, asked: &str, make: impl FnOnce() -> Result<Bytes>) -> Result<Bytes> {
        if let Some(known) = locked(&self.0).get(asked) {
            return Ok(known.clone());
        }
        let made = make()?;
        let mut known = locked(&self.0);
        if known.len() < MOST_ANSWERS {
            known.insert(asked.to_string(), made.clone());
        }
        Ok(made)
    }
}

/// Keeps up with the proofs of a store.
#[derive(Debug, Default)]
pub struct Following {
    last: u64,
    products: BTreeMap<String, Seen>,
    scenarios: BTreeMap<String, Seen>,
    humanoid: BTreeMap<String, Seen>,
    registered: BTreeMap<String, u64>,
    figures: Arc<Figures>,
}

impl Following {
    /// The figures of now.
    pub fn figures(&mut self, db: &Connection, shelf: &Shelf, current: &Current) -> Result<Arc<Figures>> {
        let length = ledger::length(db)?;
        // A reader that began before another may find what is newer than its own view: better than counting again.
        if length > self.figures.ledger {
            self.read_proofs(db, shelf, current)?;
            self.figures = Arc::new(self.count(db, shelf, length)?);
        }
        Ok(self.figures.clone())
    }

    fn read_proofs(&mut self, db: &Connection, shelf: &Shelf, current: &Current) -> Result<()> {
        let mut statement = db.prepare_cached(
            "SELECT number, robot, scenario, solution, robot_digest, scenario_digest, solution_digest, engine, since_ms, evidence \
             FROM confirmed WHERE number > ?1 ORDER BY number",
        )?;
        let mut rows = statement.query([self.last])?;
        while let Some(row) = rows.next()? {
            let text = |column| row.get_ref(column).map(|value| value.as_str().unwrap_or_default());
            let ids = [text(1)?, text(2)?, text(3)?];
            let is_fresh = current.is_fresh(ids, [text(4)?, text(5)?, text(6)?], text(7)?);
            let proof = Proof { since_ms: row.get(8)?, evidence: text(9)?.into() };
            self.last = row.get(0)?;
            let [robot, scenario, _] = ids;
            if shelf.product(robot).is_some_and(|line| line.class == HUMANOID) {
                self.humanoid.entry(scenario.to_string()).or_default().add(proof.clone(), is_fresh);
            }
            self.products.entry(robot.to_string()).or_default().add(proof.clone(), is_fresh);
            self.scenarios.entry(scenario.to_string()).or_default().add(proof, is_fresh);
        }
        Ok(())
    }

    fn count(&mut self, db: &Connection, shelf: &Shelf, ledger: u64) -> Result<Figures> {
        let (makers, mut made_by) = makers(db)?;
        let (mut of_robots, mut of_scenarios) = verdicts(db)?;
        let product = |line: &ProductLine| Subject {
            class: Some(line.class.clone()),
            sectors: line.sectors.clone(),
            makers: made_by.remove(&line.id).unwrap_or_default(),
            ..subject(&line.id, &line.name, &self.products, of_robots.remove(&line.id).unwrap_or_default())
        };
        let mut products: Vec<Subject> = shelf.all_products().iter().map(product).collect();
        let scenario = |line: &ScenarioLine, seen, verdicts| Subject {
            sectors: vec![line.sector.clone()],
            tool: line.tool.clone(),
            ..subject(&line.id, &line.name, seen, verdicts)
        };
        let (mut scenarios, mut humanoid) = (Vec::new(), Vec::new());
        for line in shelf.all_scenarios() {
            if self.humanoid.contains_key(&line.id) {
                humanoid.push(scenario(line, &self.humanoid, Counts::default()));
            }
            scenarios.push(scenario(line, &self.scenarios, of_scenarios.remove(&line.id).unwrap_or_default()));
        }
        for (kind, subjects) in [("product", &mut products), ("scenario", &mut scenarios), ("scenario", &mut humanoid)] {
            self.date(db, kind, subjects)?;
        }
        Ok(Figures { ledger, products, scenarios, humanoid, makers, answers: Answers::default() })
    }

    /// When each came into the catalog: its first entry in the ledger, looked up once.
    fn date(&mut self, db: &Connection, kind: &str, subjects: &mut [Subject]) -> Result<()> {
        let first = "SELECT at_ms FROM ledger WHERE subject = ?1 ORDER BY number LIMIT 1";
        let mut statement = db.prepare_cached(first)?;
        for subject in subjects {
            let name = format!("{kind}/{}", subject.id);
            subject.registered_ms = match self.registered.get(&name) {
                Some(known) => *known,
                None => {
                    let at_ms = statement.query_row([&name], |row| row.get(0)).optional()?.unwrap_or(0);
                    self.registered.insert(name, at_ms);
                    at_ms
                }
            };
        }
        Ok(())
    }
}

fn subject(id: &str, name: &Text, seen: &BTreeMap<String, Seen>, verdicts: Counts) -> Subject {
    let Seen { fresh, stale } = seen.get(id).cloned().unwrap_or_default();
    let any = verdicts.proved + verdicts.refuted + verdicts.undecided + verdicts.rejected > 0;
    let state = match (&fresh, &stale, any) {
        (Some(_), _, _) => CountedState::Proved,
        (None, Some(_), _) => CountedState::Stale,
        (None, None, true) => CountedState::Tried,
        (None, None, false) => CountedState::Untried,
    };
    Subject {
        id: id.to_string(),
        name: name.clone(),
        class: None,
        sectors: Vec::new(),
        tool: None,
        makers: Vec::new(),
        registered_ms: 0,
        state,
        proof: fresh.or(stale),
        verdicts,
    }
}

/// By product, the places of its makers among all.
type MadeBy = BTreeMap<String, Vec<usize>>;

/// Organizations, and who of them makes which product.
fn makers(db: &Connection) -> Result<(Vec<Maker>, MadeBy)> {
    let mut found = Vec::new();
    let mut places = BTreeMap::new();
    let mut statement = db.prepare_cached("SELECT id, kind, district, tier FROM organization ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        places.insert(id.clone(), found.len());
        let tier: Option<String> = row.get(3)?;
        found.push(Maker {
            id,
            kind: serde_json::from_value(row.get::<_, String>(1)?.into())?,
            district: imports::place(&row.get::<_, Option<String>>(2)?.unwrap_or_default())?,
            tier: tier.map(|tier| serde_json::from_value(tier.into())).transpose()?,
        });
    }
    let mut made_by = MadeBy::new();
    let mut statement = db.prepare_cached("SELECT product, organization FROM organization_product")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(place) = places.get(row.get_ref(1)?.as_str().unwrap_or_default()) {
            made_by.entry(row.get(0)?).or_default().push(*place);
        }
    }
    Ok((found, made_by))
}

/// Verdicts by robot and by scenario.
fn verdicts(db: &Connection) -> Result<(BTreeMap<String, Counts>, BTreeMap<String, Counts>)> {
    let (mut robots, mut scenarios) = (BTreeMap::<_, Counts>::new(), BTreeMap::<_, Counts>::new());
    let mut statement = db.prepare_cached("SELECT kind, subject, decision, count FROM verdict_count")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let of = match row.get_ref(0)?.as_str().unwrap_or_default() {
            "robot" => &mut robots,
            "scenario" => &mut scenarios,
            _ => continue,
        };
        let counts = of.entry(row.get::<_, String>(1)?).or_default();
        let count = row.get(3)?;
        match row.get_ref(2)?.as_str().unwrap_or_default() {
            "proved" => counts.proved = count,
            "refuted" => counts.refuted = count,
            "undecided" => counts.undecided = count,
            "rejected" => counts.rejected = count,
            _ => {}
        }
    }
    Ok((robots, scenarios))
}

/// How many are in each state.
#[must_use]
pub fn executed(subjects: &[Subject]) -> Executed {
    let mut count = Executed::default();
    subjects.iter().for_each(|subject| count.add(subject.state));
    count
}

/// Counts by what `of` says each subject belongs to; those that belong nowhere last.
#[must_use]
pub fn shares(subjects: &[Subject], of: impl Fn(&Subject) -> Vec<String>) -> Vec<Share> {
    let mut counts: BTreeMap<String, Executed> = BTreeMap::new();
    let mut nowhere = Executed::default();
    for subject in subjects {
        let mut belongs = of(subject);
        belongs.sort_unstable();
        belongs.dedup();
        if belongs.is_empty() {
            nowhere.add(subject.state);
        }
        belongs.into_iter().for_each(|name| counts.entry(name).or_default().add(subject.state));
    }
    let mut shares: Vec<Share> = counts.into_iter().map(|(of, count)| Share { of: Some(of), count }).collect();
    if nowhere != Executed::default() {
        shares.push(Share { of: None, count: nowhere });
    }
    shares
}

/// The last points that a series has.
const MOST_POINTS: usize = 400;

/// How many had come, and were proved, by the end of each day or month in which something did.
#[must_use]
pub fn series(subjects: &[Subject], by_day: bool) -> Vec<Point> {
    let at = |ms: u64| if by_day { day(ms) } else { day(ms)[..7].to_string() };
    let mut steps: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for subject in subjects {
        steps.entry(at(subject.registered_ms)).or_default().0 += 1;
        if let Some(proof) = subject.proof.as_ref().filter(|_| subject.state == CountedState::Proved) {
            steps.entry(at(proof.since_ms)).or_default().1 += 1;
        }
    }
    let (mut registered, mut proved) = (0, 0);
    let mut points: Vec<Point> = steps
        .into_iter()
        .map(|(at, step)| {
            (registered, proved) = (registered + step.0, proved + step.1);
            Point { at, registered, proved }
        })
        .collect();
    points.split_off(points.len().saturating_sub(MOST_POINTS))
}

/// The day in Beijing, as `2026-11-26`.
#[must_use]
pub fn day(ms: u64) -> String {
    // Days since 1970 to a date of the Gregorian calendar, with years that begin in March (Howard Hinnant's `civil_from_days`).
    let days = (ms + BEIJING_MS) / 86_400_000 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year_of_era + 400 * era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::day;

    /// The dates are those of `TZ=Asia/Shanghai date -d @SECONDS +%F` (GNU coreutils 9.1).
    #[test]
    fn days_are_those_of_beijings_calendar() {
        for (seconds, date) in [
            (0, "1970-01-01"),
            (951_839_999, "2000-02-29"),
            (951_840_000, "2000-03-01"),
            (1_735_660_799, "2024-12-31"),
            (1_735_660_800, "2025-01-01"),
            (4_107_513_600, "2100-03-01"),
        ] {
            assert_eq!(day(seconds * 1000), date);
        }
    }
}
