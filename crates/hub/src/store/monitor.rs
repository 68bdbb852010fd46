//! Answers of the monitor, made from [`Figures`] and the records that they name.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Deserialize;
use utoipa::IntoParams;

use super::catalog::{body, word};
use super::figures::{Figures, Subject, executed, series, shares};
use super::{Result, imports, needs, organizations};
use crate::api::WhichPage;
use crate::indicators::Stated;
use crate::records::{
    Breakdown, Counted, CountedState, Counts, District, DistrictDetail, DistrictLine, EnterpriseCount, Executed, Gap, GapKind,
    Indicator, IndicatorDetail, IndicatorKind, OrganizationKind, Page, Part, PartLink, Text,
};

/// Organizations and products that a district's page shows.
const SHOWN: u64 = 100;
/// Robots that a part's line names.
const ROBOTS: usize = 20;

/// Which records behind a figure
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecordFilter {
    /// How far they are
    pub state: Option<CountedState>,
    /// A product's class
    pub class: Option<String>,
    /// A sector
    pub sector: Option<String>,
    /// Where a product's maker is, or for where a figure is reported
    pub district: Option<District>,
    /// The tier of a product's maker
    pub tier: Option<crate::records::Tier>,
}

/// What an executed indicator counts; nothing for a reported one.
#[must_use]
pub fn subjects<'a>(figures: &'a Figures, stated: &Stated) -> Option<&'a [Subject]> {
    match stated.id {
        "products" => Some(&figures.products),
        "scenarios" => Some(&figures.scenarios),
        "humanoid-scenarios" => Some(&figures.humanoid),
        _ => None,
    }
}

fn text(pair: [&str; 2]) -> Text {
    Text::new(pair[0], pair[1])
}

/// An indicator with its figure.
pub fn indicator(db: &Connection, figures: &Figures, stated: &Stated) -> Result<Indicator> {
    let reported = match stated.kind {
        IndicatorKind::Reported => imports::latest(db, stated, None)?,
        IndicatorKind::Executed => None,
    };
    let (fill, command) = filled_by(stated);
    Ok(Indicator {
        id: stated.id.to_string(),
        name: text(stated.name),
        kind: stated.kind,
        plan: text(stated.plan),
        section: text(stated.section),
        unit: text(stated.unit),
        target: stated.target.map(|(target, _)| target),
        target_to: stated.target.and_then(|(_, to)| to),
        meaning: text(stated.meaning),
        executed: subjects(figures, stated).map(executed),
        reported,
        districts: imports::districts(db, stated.id)?.len() as u64,
        fill,
        command,
    })
}

/// What would fill an indicator, and the command that would.
fn filled_by(stated: &Stated) -> (Text, String) {
    match (stated.kind, stated.id) {
        (IndicatorKind::Executed, "humanoid-scenarios") => (
            Text::new(
                "一个类别写作 humanoid 的产品包，在场景中得到“证明”判定并发布到本站",
                "a package whose class is `humanoid`, proved on a scenario and published here",
            ),
            "leitai prove ROBOT SCENARIO --out OUT && leitai publish OUT".to_string(),
        ),
        (IndicatorKind::Executed, _) => (
            Text::new(
                "得到“证明”判定的证据包，发布后由本站抽样重跑",
                "a bundle with the verdict “proved”, published and run again here",
            ),
            "leitai prove ROBOT SCENARIO --out OUT && leitai publish OUT".to_string(),
        ),
        (IndicatorKind::Reported, id) => (
            Text::new(
                format!(
                    "一个 CSV 文件，列为 indicator,period,district,value,unit,note，其中一行的 indicator 为 {id}，district 留空，并注明来源"
                ),
                format!(
                    "a CSV file with the columns indicator,period,district,value,unit,note and a row whose indicator is {id} and whose district is empty, with its source"
                ),
            ),
            "leitai hub import FILE.csv --publisher WHO --title WHAT --date YYYY-MM-DD".to_string(),
        ),
    }
}

fn class_of(subject: &Subject) -> Vec<String> {
    subject.class.clone().into_iter().collect()
}

fn districts_of(figures: &Figures, subject: &Subject) -> Vec<District> {
    subject.makers.iter().filter_map(|maker| figures.makers[*maker].district).collect()
}

/// An indicator with what it is made of.
pub fn detail(db: &Connection, figures: &Figures, stated: &Stated, by_day: bool) -> Result<IndicatorDetail> {
    let mut breakdowns = Vec::new();
    let counted = subjects(figures, stated).unwrap_or_default();
    let mut broken = |by: &str, shares| breakdowns.push(Breakdown { by: by.to_string(), shares });
    if stated.id == "products" {
        broken("class", shares(counted, class_of));
        broken("district", shares(counted, |subject| districts_of(figures, subject).iter().map(word).collect()));
        let tiers = |subject: &Subject| {
            subject.makers.iter().filter_map(|maker| figures.makers[*maker].tier.as_ref().map(word)).collect()
        };
        broken("tier", shares(counted, tiers));
    }
    if stated.kind == IndicatorKind::Executed {
        broken("sector", shares(counted, |subject| subject.sectors.clone()));
    }
    let reports = match stated.kind {
        IndicatorKind::Reported => imports::over_time(db, stated)?,
        IndicatorKind::Executed => Vec::new(),
    };
    Ok(IndicatorDetail { indicator: indicator(db, figures, stated)?, breakdowns, series: series(counted, by_day), reports })
}

fn part_of<T>(items: Vec<T>, which: WhichPage) -> (Vec<T>, u64) {
    let total = items.len() as u64;
    let from = usize::try_from((which.page - 1) * which.per_page).unwrap_or(usize::MAX);
    (items.into_iter().skip(from).take(which.per_page as usize).collect(), total)
}

/// The products or scenarios behind a figure, the most proved first.
pub fn counted(
    figures: &Figures,
    stated: &Stated,
    subjects: &[Subject],
    filter: &RecordFilter,
    which: WhichPage,
) -> Page<Counted> {
    let wanted = |subject: &&Subject| {
        filter.state.is_none_or(|state| subject.state == state)
            && filter.class.as_ref().is_none_or(|class| subject.class.as_ref() == Some(class))
            && filter.sector.as_ref().is_none_or(|sector| subject.sectors.contains(sector))
            && filter.district.is_none_or(|district| districts_of(figures, subject).contains(&district))
            && filter.tier.is_none_or(|tier| subject.makers.iter().any(|maker| figures.makers[*maker].tier == Some(tier)))
    };
    let mut found: Vec<&Subject> = subjects.iter().filter(wanted).collect();
    found.sort_by_key(|subject| subject.state);
    let (found, total) = part_of(found, which);
    let is_product = stated.id == "products";
    let items = found.into_iter().map(|subject| record(figures, subject, is_product)).collect();
    Page { items, total, page: which.page, per_page: which.per_page }
}

fn record(figures: &Figures, subject: &Subject, is_product: bool) -> Counted {
    Counted {
        id: subject.id.clone(),
        name: subject.name.clone(),
        what: if is_product { "product" } else { "scenario" }.to_string(),
        state: subject.state,
        evidence: subject.proof.as_ref().map(|proof| proof.evidence.to_string()),
        since_ms: subject.proof.as_ref().map(|proof| proof.since_ms),
        class: subject.class.clone(),
        sectors: subject.sectors.clone(),
        makers: subject.makers.iter().map(|maker| figures.makers[*maker].id.clone()).collect(),
        verdicts: subject.verdicts,
    }
}

/// Every district, then what belongs to none.
pub fn districts(db: &Connection, figures: &Figures) -> Result<Vec<DistrictLine>> {
    let all = District::ALL.map(Some).into_iter().chain([None]);
    let mut lines: Vec<DistrictLine> = all
        .map(|district| {
            let here = figures.makers.iter().filter(|maker| maker.district == district);
            let makers = here.clone().filter(|maker| maker.kind == OrganizationKind::Maker).count() as u64;
            let (organizations, products) = (here.count() as u64, Executed::default());
            DistrictLine { district, organizations, makers, products, evidence: 0, reported: Vec::new() }
        })
        .collect();
    for product in &figures.products {
        let mut places = districts_of(figures, product);
        places.sort_unstable();
        places.dedup();
        let nowhere = places.is_empty();
        for line in &mut lines {
            if line.district.map_or(nowhere, |district| places.contains(&district)) {
                line.products.add(product.state);
                line.evidence += product.verdicts.proved;
            }
        }
    }
    for line in &mut lines {
        if let Some(district) = line.district {
            line.reported = imports::of_district(db, district)?;
        }
    }
    Ok(lines)
}

/// A district.
pub fn district(db: &Connection, figures: &Figures, district: District) -> Result<DistrictDetail> {
    let mut line = districts(db, figures)?;
    line.retain(|line| line.district == Some(district));
    let filter = organizations::Filter { district: Some(district), ..organizations::Filter::default() };
    let mut here: Vec<&Subject> =
        figures.products.iter().filter(|product| districts_of(figures, product).contains(&district)).collect();
    here.sort_by_key(|product| product.state);
    here.truncate(SHOWN as usize);
    Ok(DistrictDetail {
        line: line.pop().expect("every district has a line"),
        organizations_here: organizations::page(db, &filter, 1, SHOWN)?.items,
        products_here: here.into_iter().map(|product| record(figures, product, true)).collect(),
    })
}

/// Organizations by kind, tier and district.
#[must_use]
pub fn enterprises(figures: &Figures) -> Vec<EnterpriseCount> {
    let mut proves = vec![false; figures.makers.len()];
    for product in figures.products.iter().filter(|product| product.state == CountedState::Proved) {
        product.makers.iter().for_each(|maker| proves[*maker] = true);
    }
    let mut counts: Vec<EnterpriseCount> = Vec::new();
    for (maker, proves) in figures.makers.iter().zip(proves) {
        let same = |c: &&mut EnterpriseCount| (c.kind, c.tier, c.district) == (maker.kind, maker.tier, maker.district);
        match counts.iter_mut().find(same) {
            Some(count) => (count.organizations, count.proved) = (count.organizations + 1, count.proved + u64::from(proves)),
            None => {
                let (kind, tier, district) = (maker.kind, maker.tier, maker.district);
                counts.push(EnterpriseCount { kind, tier, district, organizations: 1, proved: proves.into() });
            }
        }
    }
    counts.sort_by_key(|count| (count.kind, count.tier, count.district));
    counts
}

/// Parts of the catalog and those that scenarios ask for, by id.
pub fn parts(db: &Connection, figures: &Figures, which: WhichPage) -> Result<Page<PartLink>> {
    let (asked, total) = part_of(asked_for(db, figures)?.into_iter().collect(), which);
    let items = asked.into_iter().map(|(id, asking)| part(db, id, &asking)).collect::<Result<_>>()?;
    Ok(Page { items, total, page: which.page, per_page: which.per_page })
}

/// Scenarios by the part with which they are done, and parts that none asks for.
fn asked_for<'a>(db: &Connection, figures: &'a Figures) -> Result<BTreeMap<String, Vec<&'a Subject>>> {
    let mut statement = db.prepare_cached("SELECT id FROM part")?;
    let ids = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, Vec::new())))?;
    let mut asked = ids.collect::<Result<BTreeMap<String, Vec<&Subject>>, _>>()?;
    for scenario in &figures.scenarios {
        if let Some(tool) = &scenario.tool {
            asked.entry(tool.clone()).or_default().push(scenario);
        }
    }
    Ok(asked)
}

fn part(db: &Connection, id: String, asking: &[&Subject]) -> Result<PartLink> {
    let mut robots: Vec<String> = Vec::new();
    let mut by = db.prepare_cached("SELECT DISTINCT robot FROM confirmed WHERE scenario = ?1 ORDER BY robot LIMIT ?2")?;
    let proved = asking.iter().filter(|scenario| scenario.state == CountedState::Proved);
    for scenario in proved.clone() {
        if robots.len() == ROBOTS {
            break;
        }
        let more = by.query_map((&scenario.id, ROBOTS), |row| row.get::<_, String>(0))?;
        robots.extend(more.collect::<Result<Vec<_>, _>>()?);
        robots.sort_unstable();
        robots.dedup();
        robots.truncate(ROBOTS);
    }
    let known: Option<Part> = body(db, "part", &id)?;
    let (name, maker, class) = match known {
        Some(part) => (part.name, part.maker, Some(part.class)),
        None => (Text::new(&id, &id), Text::default(), None),
    };
    let state = asking.iter().map(|scenario| scenario.state).min().unwrap_or(CountedState::Untried);
    Ok(PartLink { id, name, maker, class, scenarios: asking.len() as u64, proved: proved.count() as u64, robots, state })
}

/// What is missing: what organizations need most first, then what was tried most.
pub fn gaps(db: &Connection, figures: &Figures, kind: GapKind, which: WhichPage) -> Result<Page<Gap>> {
    let subjects = match kind {
        GapKind::Product => &figures.products,
        GapKind::Scenario => &figures.scenarios,
        GapKind::Part => return missing_parts(db, figures, which),
    };
    let needs = match kind {
        GapKind::Scenario => needs::by_scenario(db)?,
        GapKind::Product | GapKind::Part => BTreeMap::new(),
    };
    let needed = |subject: &Subject| needs.get(&subject.id).copied().unwrap_or(0);
    let tries = |counts: &Counts| counts.proved + counts.refuted + counts.undecided + counts.rejected;
    let mut found: Vec<&Subject> = subjects.iter().filter(|subject| subject.state != CountedState::Proved).collect();
    found.sort_by_key(|subject| (Reverse(needed(subject)), subject.state, Reverse(tries(&subject.verdicts))));
    let (found, total) = part_of(found, which);
    let gap = |subject: &Subject| Gap {
        kind,
        id: subject.id.clone(),
        name: subject.name.clone(),
        state: subject.state,
        sectors: subject.sectors.clone(),
        verdicts: subject.verdicts,
        needs: needed(subject),
    };
    let items = found.into_iter().map(gap).collect();
    Ok(Page { items, total, page: which.page, per_page: which.per_page })
}

fn missing_parts(db: &Connection, figures: &Figures, which: WhichPage) -> Result<Page<Gap>> {
    let asked = asked_for(db, figures)?.into_iter();
    let links = asked.map(|(id, asking)| part(db, id, &asking)).collect::<Result<Vec<_>>>()?;
    let missing = links.into_iter().filter(|link| link.state != CountedState::Proved).map(|link| Gap {
        kind: GapKind::Part,
        id: link.id,
        name: link.name,
        state: link.state,
        sectors: Vec::new(),
        verdicts: Counts::default(),
        needs: 0,
    });
    let (items, total) = part_of(missing.collect(), which);
    Ok(Page { items, total, page: which.page, per_page: which.per_page })
}

/// What the monitor's figures should follow from and does not: proofs and re-executions.
///
/// Proofs count whatever they rest on: whether one stands is for a running hub with its catalog to say.
pub fn miscounted(db: &Connection) -> Result<Vec<Text>> {
    let differ = |a: &str, b: &str| -> Result<bool> {
        let rows = format!("SELECT count(*) FROM (SELECT * FROM ({a} EXCEPT {b}) UNION ALL SELECT * FROM ({b} EXCEPT {a}))");
        Ok(db.query_row(&rows, [], |row| row.get::<_, u64>(0))? > 0)
    };
    let mut found = Vec::new();
    let proofs =
        "SELECT evidence, robot, scenario, solution, robot_digest, scenario_digest, solution_digest, engine, since_ms FROM";
    if differ(&format!("{proofs} confirmed"), &format!("{proofs} confirmed_found"))? {
        found.push(Text::new("监测所计的证明与证据不符", "the proofs that the monitor counts are not those of the evidence"));
    }
    let unnoted = "SELECT count(*) FROM evidence_check c WHERE c.state = 'agrees' AND NOT EXISTS (SELECT 1 FROM ledger l \
                   WHERE l.subject = 'evidence/' || c.evidence AND l.what = 'evidence.checked' AND json_extract(l.body, '$.state') = 'agrees')";
    let unnoted: u64 = db.query_row(unnoted, [], |row| row.get(0))?;
    if unnoted > 0 {
        let en = format!("{unnoted} re-executions are not what the ledger says came out");
        found.push(Text::new(format!("{unnoted} 次重跑与账本所记不符"), en));
    }
    Ok(found)
}
