//! What ours must reach, and whether it did: fixed bars, and every peer beside it.

use serde::Serialize;

use crate::figure::{COPIED, Figure, Measure};

/// A bar and what was measured against it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Goal {
    pub(crate) goal: String,
    pub(crate) measured: String,
    pub(crate) is_met: bool,
}

/// Starts of the same series in a week, oldest against youngest: more than this is growth, less
/// is the noise of a machine.
const AGE_RATIO_MAX: f64 = 1.25;

/// The bars whose measures were taken.
pub(crate) fn goals(figures: &[Figure]) -> Vec<Goal> {
    let bars = [
        at_most(figures, Measure::Civil, 6.0, "full expansion, wall clock"),
        at_most(
            figures,
            Measure::Utc,
            12.0,
            "full expansion, resolved to UTC",
        ),
        at_most(figures, Measure::Week, 5.0, "one week of 10,000 series"),
        at_most(figures, Measure::Parse, 25.0, "10 MB file to typed events"),
        write(figures),
        age(figures),
    ];
    let ahead = Measure::ALL.into_iter().flat_map(|measure| {
        let (copied, done): (Vec<_>, Vec<_>) = figures
            .iter()
            .filter(|one| one.measure == measure && !one.is_ours())
            .partition(|one| one.note == COPIED);
        [
            ahead(figures, measure, &done, "ahead of every peer"),
            ahead(figures, measure, &copied, "ahead of copying"),
        ]
    });
    let all = bars.into_iter().chain(ahead);
    all.flatten().collect()
}

/// The fastest of ours: the tables name what each way of asking costs.
fn ours(figures: &[Figure], measure: Measure) -> Option<&Figure> {
    let ours = figures
        .iter()
        .filter(|one| one.measure == measure && one.is_ours());
    ours.min_by(|one, other| one.best_ms().total_cmp(&other.best_ms()))
}

fn at_most(figures: &[Figure], measure: Measure, bar_ms: f64, what: &str) -> Option<Goal> {
    let best = ours(figures, measure)?.best_ms();
    Some(Goal {
        goal: format!("{what}: at most {bar_ms} ms"),
        measured: format!("{best:.2} ms"),
        is_met: best <= bar_ms,
    })
}

fn write(figures: &[Figure]) -> Option<Goal> {
    let speed = ours(figures, Measure::Write)?.megabytes_per_second();
    Some(Goal {
        goal: "writing: at least 300 MB/s".to_owned(),
        measured: format!("{speed:.0} MB/s"),
        is_met: speed >= 300.0,
    })
}

fn age(figures: &[Figure]) -> Option<Goal> {
    let mut ages = figures
        .iter()
        .filter(|one| one.measure == Measure::Age)
        .map(Figure::best_ms);
    let first = ages.next()?;
    let (least, most) = ages.fold((first, first), |(least, most), one| {
        (least.min(one), most.max(one))
    });
    Some(Goal {
        goal: format!(
            "the age of a series does not matter: at most {AGE_RATIO_MAX} times the cheapest"
        ),
        measured: format!("{:.2} times", most / least),
        is_met: most <= least * AGE_RATIO_MAX,
    })
}

fn ahead(figures: &[Figure], measure: Measure, peers: &[&Figure], what: &str) -> Option<Goal> {
    let best = ours(figures, measure)?.best_ms();
    let next = peers
        .iter()
        .min_by(|one, other| one.best_ms().total_cmp(&other.best_ms()))?;
    let ratio = next.best_ms() / best;
    let how = if next.note.is_empty() {
        String::new()
    } else {
        format!(" ({})", next.note)
    };
    Some(Goal {
        goal: format!("{what}: {}", measure.word()),
        measured: format!("{ratio:.2} times as fast as {}{how}", next.engine),
        is_met: ratio > 1.0,
    })
}
