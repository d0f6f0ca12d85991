//! One figure of the table, whose it is, its control and its goal; and how the table is printed.

use std::fmt::Write;

use anyhow::Result;
use serde::{Deserialize, Serialize};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Measure {
    /// From an edit to its showing on a second device.
    Edit,
    /// A new device fetches everything.
    Fresh,
    /// Bytes of one edit, and what the relay keeps of it.
    Wire,
    /// A week apart.
    Offline,
    /// Connecting again when nothing is new.
    Reconnect,
    /// Memory of a device.
    Memory,
}

impl Measure {
    pub(crate) const ALL: [Self; 6] = [
        Self::Edit,
        Self::Fresh,
        Self::Wire,
        Self::Offline,
        Self::Reconnect,
        Self::Memory,
    ];

    /// As people and programs write it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Fresh => "fresh",
            Self::Wire => "wire",
            Self::Offline => "offline",
            Self::Reconnect => "reconnect",
            Self::Memory => "memory",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Edit => "From an edit until a second device shows it",
            Self::Fresh => "A fresh device",
            Self::Wire => "Bytes of one edit of one field, and the relay's disk",
            Self::Offline => "A week offline, edits on both sides, until both are equal",
            Self::Reconnect => "Reconnect with nothing new",
            Self::Memory => "Memory of a device",
        }
    }
}

/// Name of ours.
pub(crate) const OURS: &str = "almanac";

/// One figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) measure: Measure,
    pub(crate) who: String,
    pub(crate) what: String,
    pub(crate) value: f64,
    pub(crate) unit: String,
    /// What nobody can do without, measured in the same run.
    #[serde(default)]
    pub(crate) control: Option<Control>,
    #[serde(default)]
    pub(crate) goal: Option<Goal>,
    /// What stands in the way of less, in a sentence: printed where the goal is not reached.
    #[serde(default)]
    pub(crate) limit: Option<String>,
}

/// A figure beside which another is read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Control {
    pub(crate) what: String,
    pub(crate) value: f64,
}

/// The most that is allowed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Goal {
    pub(crate) at_most: f64,
    /// Where the goal is a multiple of the control, the multiple.
    pub(crate) times_control: Option<f64>,
    pub(crate) is_met: bool,
}

impl Row {
    /// A figure of ours.
    pub(crate) fn ours(measure: Measure, what: &str, value: f64, unit: &str) -> Self {
        Self {
            measure,
            who: OURS.to_owned(),
            what: what.to_owned(),
            value,
            unit: unit.to_owned(),
            control: None,
            goal: None,
            limit: None,
        }
    }

    pub(crate) fn limited_by(mut self, limit: &str) -> Self {
        self.limit = Some(limit.to_owned());
        self
    }

    pub(crate) fn beside(mut self, what: &str, value: f64) -> Self {
        let what = what.to_owned();
        self.control = Some(Control { what, value });
        self
    }

    pub(crate) fn at_most(mut self, at_most: f64) -> Self {
        self.goal = Some(Goal {
            at_most,
            times_control: None,
            is_met: self.value <= at_most,
        });
        self
    }

    /// A goal that moves with the control.
    pub(crate) fn at_most_times(mut self, times: f64) -> Self {
        let at_most = self
            .control
            .as_ref()
            .map_or(f64::NAN, |one| one.value * times);
        self.goal = Some(Goal {
            at_most,
            times_control: Some(times),
            is_met: self.value <= at_most,
        });
        self
    }
}

/// A peer that was measured, or why it was not.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Footnote {
    pub(crate) who: String,
    pub(crate) says: String,
}

/// The tables, goals and footnotes, as text.
pub(crate) fn text(rows: &[Row], footnotes: &[Footnote]) -> String {
    let mut text = String::new();
    for measure in Measure::ALL {
        let mut part: Vec<&Row> = rows.iter().filter(|row| row.measure == measure).collect();
        if part.is_empty() {
            continue;
        }
        // Ours first, then everybody else by what was measured.
        part.sort_by_key(|row| row.who != OURS);
        let _infallible = writeln!(text, "{}", measure.title());
        for row in part {
            line(&mut text, row);
        }
        text.push('\n');
    }
    goals(&mut text, rows);
    for Footnote { who, says } in footnotes {
        let _infallible = writeln!(text, "{who}: {says}");
    }
    text
}

/// The same for programs.
pub(crate) fn json(rows: &[Row], footnotes: &[Footnote]) -> Result<String> {
    let whole = serde_json::json!({ "figures": rows, "footnotes": footnotes });
    Ok(serde_json::to_string_pretty(&whole)?)
}

fn line(text: &mut String, row: &Row) {
    let who_and_what = format!("{:<16} {}", row.who, row.what);
    let _infallible = write!(
        text,
        "  {who_and_what:<76} {}",
        amount(row.value, &row.unit)
    );
    if let Some(Control { what, value }) = &row.control {
        let control = amount(*value, &row.unit);
        let ratio = row.value / value;
        let _infallible = write!(
            text,
            "   control {} ({what}), {ratio:.2}×",
            control.trim_start()
        );
    }
    text.push('\n');
}

fn goals(text: &mut String, rows: &[Row]) {
    let with_goal = rows
        .iter()
        .filter_map(|row| Some((row, row.goal.as_ref()?)));
    text.push_str("Goals\n");
    for (row, goal) in with_goal {
        let verdict = if goal.is_met { "met" } else { "NOT REACHED" };
        let most = amount(goal.at_most, &row.unit);
        let times = goal
            .times_control
            .map_or_else(String::new, |times| format!(" ({times}× its control)"));
        let value = amount(row.value, &row.unit);
        let _infallible = writeln!(
            text,
            "  {verdict:<12} {}: at most {}{times}; measured {}",
            row.what,
            most.trim_start(),
            value.trim_start(),
        );
        if let Some(limit) = row.limit.as_ref().filter(|_| !goal.is_met) {
            let _infallible = writeln!(text, "{:<14} {limit}", "");
        }
    }
    text.push('\n');
}

fn amount(value: f64, unit: &str) -> String {
    let digits = if unit == "B" || unit == "round trips" {
        0
    } else {
        2
    };
    format!("{value:>11.digits$} {unit}")
}
