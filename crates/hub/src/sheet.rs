//! A file of reported figures: CSV, read whole or refused with every fault's line and column.
//!
//! | column | 列 | what |
//! |---|---|---|
//! | `indicator` | 指标 | an indicator's id, or its name |
//! | `period` | 时期 | `2025`, `2025-Q3` or `2025-09` |
//! | `district` | 区 | may be missing or empty, which means the whole city |
//! | `value` | 数值 | a plain number, not below zero |
//! | `unit` | 单位 | the indicator's own, so that nobody mixes 万元 and 亿元 |
//! | `note` | 备注 | may be missing |

use crate::indicators::{self, Stated};
use crate::records::{District, IndicatorKind, Text};
use crate::store::catalog::word;

/// The largest file that is read [bytes].
pub const MOST_BYTES: usize = 1 << 20;
/// Rows of one file.
const MOST_ROWS: usize = 10_000;
/// Faults that are told of one file.
const MOST_FAULTS: usize = 20;
/// Characters of a note.
const MOST_NOTE: usize = 300;

/// A figure of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its line.
    pub line: u64,
    /// The indicator's id.
    pub indicator: &'static str,
    /// Of when, in one spelling.
    pub period: String,
    /// Last day of the period.
    pub ends: String,
    /// Of where; nothing for the whole city.
    pub district: Option<District>,
    /// The number, in the indicator's unit.
    pub value: f64,
    /// A remark.
    pub note: String,
}

/// Something that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In which line, from 1.
    pub line: u64,
    /// In which column, from 1; nothing where the whole line is meant.
    pub column: Option<usize>,
    /// What is wrong, and what to change.
    pub text: Text,
}

impl Fault {
    fn new(line: u64, column: Option<usize>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { line, column, text: Text::new(zh, en) }
    }

    /// With its place, in both languages.
    #[must_use]
    pub fn told(&self) -> Text {
        let Text { zh, en } = &self.text;
        match self.column {
            None => Text::new(format!("第 {} 行：{zh}", self.line), format!("line {}: {en}", self.line)),
            Some(column) => Text::new(
                format!("第 {} 行第 {column} 列：{zh}", self.line),
                format!("line {}, column {column}: {en}", self.line),
            ),
        }
    }
}

/// Columns in the order of [`COLUMNS`].
const COLUMNS: [(&str, &str); 6] =
    [("indicator", "指标"), ("period", "时期"), ("district", "区"), ("value", "数值"), ("unit", "单位"), ("note", "备注")];
/// Those that a file may lack.
const OPTIONAL: [&str; 2] = ["district", "note"];

/// Reads a file. `today` is `2026-11-26`: what has not begun cannot be reported.
///
/// # Errors
/// With what is wrong; then nothing of it is to be taken.
pub fn read(bytes: &[u8], today: &str) -> Result<Vec<Row>, Vec<Fault>> {
    let one = |fault| Err(vec![fault]);
    if bytes.len() > MOST_BYTES {
        let most = MOST_BYTES >> 20;
        return one(Fault::new(
            1,
            None,
            format!("文件超过 {most} MiB；请分成几份"),
            format!("the file is larger than {most} MiB; split it"),
        ));
    }
    let bytes = without_mark(bytes);
    if let Err(error) = std::str::from_utf8(bytes) {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() as u64;
        return one(Fault::new(
            line,
            None,
            "不是 UTF-8 文本（可能是 GB18030/GBK）；请在表格软件中另存为“CSV UTF-8”，或运行 iconv -f GB18030 -t UTF-8 旧文件 > 新文件",
            "not UTF-8 text (perhaps GB18030 or GBK); save it as “CSV UTF-8”, or run iconv -f GB18030 -t UTF-8 OLD > NEW",
        ));
    }
    let mut records = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes).into_records();
    let Some(Ok(head)) = records.next() else {
        let columns = COLUMNS.map(|(name, _)| name).join(",");
        return one(Fault::new(
            1,
            None,
            format!("文件为空；第一行应为列名：{columns}"),
            format!("the file is empty; its first line names the columns: {columns}"),
        ));
    };
    let places = columns(&head)?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let mut seen = std::collections::BTreeMap::new();
    for record in records {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.push(Fault::new(line, None, format!("无法读取：{error}"), format!("cannot be read: {error}")));
                break;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            faults.push(Fault::new(
                line,
                None,
                format!("超过 {MOST_ROWS} 行；请分成几份"),
                format!("more than {MOST_ROWS} rows; split the file"),
            ));
            break;
        }
        match row(&record, line, &places, head.len(), today) {
            Err(found) => faults.extend(found),
            Ok(row) => {
                let key = (row.indicator, row.period.clone(), row.district);
                match seen.insert(key, line) {
                    None => rows.push(row),
                    Some(before) => faults.push(Fault::new(
                        line,
                        None,
                        format!("与第 {before} 行说的是同一指标、时期和区；只留一行"),
                        format!("says the same indicator, period and district as line {before}; keep one of them"),
                    )),
                }
            }
        }
        if faults.len() >= MOST_FAULTS {
            break;
        }
    }
    if rows.is_empty() && faults.is_empty() {
        faults.push(Fault::new(2, None, "没有数据行", "there are no rows"));
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// Without the mark that some programs put before UTF-8.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Where each of [`COLUMNS`] is.
fn columns(head: &csv::StringRecord) -> Result<[Option<usize>; 6], Vec<Fault>> {
    let mut places = [None; 6];
    let mut faults = Vec::new();
    let known = COLUMNS.map(|(name, _)| name).join(", ");
    for (at, field) in head.iter().enumerate() {
        let name = field.trim().to_lowercase();
        match COLUMNS.iter().position(|(en, zh)| name == *en || name == *zh) {
            None => faults.push(Fault::new(
                1,
                Some(at + 1),
                format!("不认识的列“{field}”；可用的列：{known}"),
                format!("no column is called `{field}`; there are {known}"),
            )),
            Some(column) if places[column].is_some() => faults.push(Fault::new(
                1,
                Some(at + 1),
                format!("列“{field}”出现了两次"),
                format!("the column `{field}` stands here twice"),
            )),
            Some(column) => places[column] = Some(at),
        }
    }
    for ((name, zh), place) in COLUMNS.iter().zip(&places) {
        if place.is_none() && !OPTIONAL.contains(name) {
            faults.push(Fault::new(1, None, format!("缺少列 {name}（{zh}）"), format!("the column `{name}` is missing")));
        }
    }
    faults.truncate(MOST_FAULTS);
    if faults.is_empty() { Ok(places) } else { Err(faults) }
}

fn row(record: &csv::StringRecord, line: u64, places: &[Option<usize>; 6], width: usize, today: &str) -> Result<Row, Vec<Fault>> {
    if record.len() != width {
        let found = record.len();
        return Err(vec![Fault::new(
            line,
            None,
            format!("有 {found} 列，而表头有 {width} 列；数字里不要写千位逗号，含逗号的文字用双引号括起"),
            format!(
                "{found} columns, where the first line has {width}; write numbers without commas, and put text with commas in quotes"
            ),
        )]);
    }
    let mut faults = Vec::new();
    let field = |column: usize| places[column].and_then(|at| record.get(at)).unwrap_or_default().trim();
    let mut fault =
        |column: usize, zh: String, en: String| faults.push(Fault::new(line, places[column].map(|at| at + 1), zh, en));
    let stated = indicator(field(0)).map_err(|text| fault(0, text.zh, text.en)).ok();
    let period = period(field(1), today).map_err(|text| fault(1, text.zh, text.en)).ok();
    let district = district(field(2)).map_err(|text| fault(2, text.zh, text.en)).ok();
    let value = stated.and_then(|stated| value(field(3), stated).map_err(|text| fault(3, text.zh, text.en)).ok());
    if let Some(stated) = stated {
        let unit = field(4);
        if !stated.unit.contains(&unit) && !stated.unit_also.contains(&unit) {
            let [zh, en] = stated.unit;
            fault(
                4,
                format!("单位“{unit}”应为“{zh}”；请换算数值"),
                format!("the unit `{unit}` should be `{zh}` or `{en}`; convert the value"),
            );
        }
    }
    let note = field(5);
    if note.chars().count() > MOST_NOTE || note.chars().any(char::is_control) {
        fault(
            5,
            format!("备注最多 {MOST_NOTE} 个字符，且不含控制字符"),
            format!("a note has {MOST_NOTE} characters at most and no control characters"),
        );
    }
    match (stated, period, district, value) {
        (Some(stated), Some((period, ends)), Some(district), Some(value)) if faults.is_empty() => {
            Ok(Row { line, indicator: stated.id, period, ends, district, value, note: note.to_string() })
        }
        _ => Err(faults),
    }
}

fn indicator(text: &str) -> Result<&'static Stated, Text> {
    let found = indicators::ALL.iter().find(|stated| stated.id == text || stated.name.contains(&text));
    match found {
        Some(stated) if stated.kind == IndicatorKind::Reported => Ok(stated),
        Some(stated) => Err(Text::new(
            format!("“{}”由证据算出，不能导入", stated.name[0]),
            format!("`{}` is counted from evidence and cannot be imported", stated.id),
        )),
        None => {
            let known: Vec<_> = indicators::ALL.iter().filter(|s| s.kind == IndicatorKind::Reported).map(|s| s.id).collect();
            let known = known.join(", ");
            Err(Text::new(
                format!("没有指标“{text}”；可导入：{known}"),
                format!("there is no indicator `{text}`; there are {known}"),
            ))
        }
    }
}

/// A period in one spelling, and its last day.
fn period(text: &str, today: &str) -> Result<(String, String), Text> {
    let wrong = || {
        Text::new(
            format!("时期“{text}”应写作 2025、2025-Q3 或 2025-09"),
            format!("the period `{text}` should be written 2025, 2025-Q3 or 2025-09"),
        )
    };
    let (year, rest) = text.split_once('-').map_or((text, None), |(year, rest)| (year, Some(rest)));
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || year < "2000" {
        return Err(wrong());
    }
    let (spelled, first, last) = match rest {
        None => (year.to_string(), 1, 12),
        Some(quarter) if quarter.len() == 2 && quarter.to_uppercase().starts_with('Q') => match quarter.as_bytes()[1] {
            q @ b'1'..=b'4' => (format!("{year}-Q{}", q - b'0'), 3 * (q - b'0') - 2, 3 * (q - b'0')),
            _ => return Err(wrong()),
        },
        Some(month) if digits(month, 2) => match month.parse::<u8>() {
            Ok(m @ 1..=12) => (format!("{year}-{m:02}"), m, m),
            _ => return Err(wrong()),
        },
        Some(_) => return Err(wrong()),
    };
    if format!("{year}-{first:02}-01").as_str() > today {
        return Err(Text::new(
            format!("时期“{text}”还没有开始；预测不是上报数据"),
            format!("the period `{text}` has not begun; a forecast is no report"),
        ));
    }
    let leap = year.parse::<u32>().is_ok_and(|y| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
    let days = match last {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    Ok((spelled, format!("{year}-{last:02}-{days}")))
}

/// Districts as people write them, without 区 and 市.
const DISTRICTS: [(District, &str); 19] = [
    (District::Dongcheng, "东城"),
    (District::Xicheng, "西城"),
    (District::Chaoyang, "朝阳"),
    (District::Fengtai, "丰台"),
    (District::Shijingshan, "石景山"),
    (District::Haidian, "海淀"),
    (District::Mentougou, "门头沟"),
    (District::Fangshan, "房山"),
    (District::Tongzhou, "通州"),
    (District::Shunyi, "顺义"),
    (District::Changping, "昌平"),
    (District::Daxing, "大兴"),
    (District::Huairou, "怀柔"),
    (District::Pinggu, "平谷"),
    (District::Miyun, "密云"),
    (District::Yanqing, "延庆"),
    (District::Yizhuang, "经开"),
    (District::Tianjin, "天津"),
    (District::Hebei, "河北"),
];

fn district(text: &str) -> Result<Option<District>, Text> {
    if text.is_empty() || ["全市", "北京", "北京市"].contains(&text) {
        return Ok(None);
    }
    if ["亦庄", "北京经济技术开发区"].contains(&text) {
        return Ok(Some(District::Yizhuang));
    }
    let short = text.trim_end_matches(['区', '市', '省']);
    let found = DISTRICTS.iter().find(|(district, zh)| *zh == short || word(district) == text.to_lowercase());
    found.map(|(district, _)| Some(*district)).ok_or_else(|| {
        Text::new(
            format!("没有“{text}”这个区；如“海淀区”或 haidian，空白表示全市"),
            format!("there is no district `{text}`; write `haidian` or 海淀区, or nothing for the whole city"),
        )
    })
}

fn value(text: &str, stated: &Stated) -> Result<f64, Text> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value = text.parse::<f64>().ok().filter(|value| plain && *value <= 1e12);
    let Some(value) = value else {
        return Err(Text::new(
            format!("数值“{text}”应为不小于零的普通数字，如 1234.5，不带千位逗号、单位或百分号"),
            format!(
                "the value `{text}` should be a plain number not below zero, such as 1234.5, without commas, units or percent"
            ),
        ));
    };
    if stated.whole && value.fract() != 0.0 {
        return Err(Text::new(
            format!("“{}”按整数计，而数值是 {text}", stated.name[0]),
            format!("`{}` counts whole things, and the value is {text}", stated.id),
        ));
    }
    Ok(value)
}
