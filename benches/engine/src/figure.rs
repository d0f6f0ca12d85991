//! One measured figure: who did what, how often, how fast.

use std::convert::Infallible;
use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Measure {
    /// Full expansion on the wall clock.
    Civil,
    /// Full expansion, each start resolved to UTC.
    Utc,
    /// One week of many series.
    Week,
    /// One week of series of one age. Ours alone.
    Age,
    /// Reading a file.
    Parse,
    /// Writing it.
    Write,
}

impl Measure {
    pub(crate) const ALL: [Self; 6] = [
        Self::Civil,
        Self::Utc,
        Self::Week,
        Self::Age,
        Self::Parse,
        Self::Write,
    ];

    /// As programs are told.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Civil => "civil",
            Self::Utc => "utc",
            Self::Week => "week",
            Self::Age => "age",
            Self::Parse => "parse",
            Self::Write => "write",
        }
    }
}

/// One engine's figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) measure: Measure,
    pub(crate) engine: String,
    pub(crate) version: String,
    /// How it was done, where that matters to the comparison.
    pub(crate) note: String,
    /// Occurrences, hits, or events.
    pub(crate) count: u64,
    /// Guests that were read; zero where none are.
    #[serde(default)]
    pub(crate) guests: u64,
    /// Bytes read or written; zero where none are.
    #[serde(default)]
    pub(crate) bytes: u64,
    /// Every how many of the series it did; 1 is all of them.
    #[serde(default = "one")]
    pub(crate) every: u64,
    /// Milliseconds of each run.
    pub(crate) ms: Vec<f64>,
}

const fn one() -> u64 {
    1
}

/// The note of an engine that does not write what it understood but copies the lines it was given.
pub(crate) const COPIED: &str = "lines copied as they were read";

/// Name of ours in the tables.
pub(crate) const OURS: &str = "almanac";

/// What a run counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    pub(crate) count: u64,
    pub(crate) guests: u64,
    pub(crate) bytes: u64,
}

impl Counted {
    pub(crate) const fn bytes(bytes: usize) -> Self {
        Self {
            count: 0,
            guests: 0,
            bytes: bytes as u64,
        }
    }
}

/// The time this thread has had a processor for, so that other programs count little.
fn processor_ms() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// The time of one run, for work that says itself when it is done.
#[derive(Debug)]
pub(crate) struct Clock {
    began_ms: f64,
    took_ms: Option<f64>,
}

impl Clock {
    /// What follows is not timed.
    pub(crate) fn stop(&mut self) {
        self.took_ms = Some(processor_ms() - self.began_ms);
    }
}

impl Figure {
    /// The figure of work that is timed whole; what it gives is dropped outside the time.
    pub(crate) fn of<T>(
        measure: Measure,
        engine: (&str, &str, &str),
        runs: usize,
        mut work: impl FnMut() -> T,
        counted: impl Fn(&T) -> Counted,
    ) -> Self {
        let figure = Self::timed(measure, engine, runs, |clock| {
            let done = black_box(work());
            clock.stop();
            Ok::<_, Infallible>(counted(&done))
        });
        match figure {
            Ok(figure) => figure,
            Err(never) => match never {},
        }
    }

    /// The figure of work that stops the clock itself, because its parts borrow from each other.
    pub(crate) fn timed<E>(
        measure: Measure,
        engine: (&str, &str, &str),
        runs: usize,
        mut work: impl FnMut(&mut Clock) -> Result<Counted, E>,
    ) -> Result<Self, E> {
        let mut ms = Vec::with_capacity(runs);
        let mut last = Counted::default();
        for _ in 0..runs.max(1) {
            let mut clock = Clock {
                began_ms: processor_ms(),
                took_ms: None,
            };
            last = work(&mut clock)?;
            let took_ms = processor_ms() - clock.began_ms;
            ms.push(clock.took_ms.unwrap_or(took_ms));
        }
        let (engine, version, note) = engine;
        Ok(Self {
            measure,
            engine: engine.to_owned(),
            version: version.to_owned(),
            note: note.to_owned(),
            count: last.count,
            guests: last.guests,
            bytes: last.bytes,
            every: 1,
            ms,
        })
    }

    /// The same for work that only counts.
    pub(crate) fn counting(
        measure: Measure,
        engine: (&str, &str, &str),
        runs: usize,
        work: impl FnMut() -> u64,
    ) -> Self {
        Self::of(measure, engine, runs, work, |count| Counted {
            count: *count,
            ..Counted::default()
        })
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.engine == OURS
    }

    /// The fastest run, scaled to all of the work.
    pub(crate) fn best_ms(&self) -> f64 {
        self.scaled(self.ms.iter().copied().fold(f64::INFINITY, f64::min))
    }

    /// The middle run, scaled to all of the work.
    pub(crate) fn median_ms(&self) -> f64 {
        let mut sorted = self.ms.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        self.scaled(sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN))
    }

    /// What was counted per second of the fastest run.
    pub(crate) fn per_second(&self) -> f64 {
        whole(self.count * self.every) / self.best_ms() * 1_000.0
    }

    /// Megabytes per second of the fastest run.
    pub(crate) fn megabytes_per_second(&self) -> f64 {
        whole(self.bytes * self.every) / 1e6 / self.best_ms() * 1_000.0
    }

    fn scaled(&self, ms: f64) -> f64 {
        ms * whole(self.every)
    }
}

fn whole(number: u64) -> f64 {
    number as f64
}
