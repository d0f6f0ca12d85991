//! Running worlds: one seed or script, many of them, and the shortest script that still fails.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Result;
use tokio::task::LocalSet;

use crate::action::Action;
use crate::around::Around;
use crate::laws::Broken;
use crate::runtime;
use crate::world::World;

/// What came of one world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Actions, messages and commits of relays.
    pub operations: u64,
    /// Edits that were owed at the end, and found.
    pub owed: usize,
    /// Envelopes that relays handed to devices.
    pub envelopes: u64,
    /// A digest of every message: two runs of one script have the same.
    pub digest: [u8; 32],
}

/// A world that broke a law, or broke down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `L1` to `L8`, or `panic`, or `world` where the simulator itself could not go on.
    pub law: String,
    /// A sentence.
    pub how: String,
}

/// Lets a script happen in the world of a seed and checks every law.
pub fn run(seed: u64, script: &[Action]) -> Result<Outcome, Failure> {
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let runtime = runtime()?;
        let local = LocalSet::new();
        runtime.block_on(local.run_until(live(seed, script)))
    }));
    Around::leave();
    match ran {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(error)) => Err(Failure {
            law: law_of(&error),
            how: format!("{error:#}"),
        }),
        Err(panic) => Err(Failure {
            law: "panic".to_owned(),
            how: words_of(panic.as_ref()),
        }),
    }
}

async fn live(seed: u64, script: &[Action]) -> Result<Outcome> {
    let mut world = World::begin(seed)?;
    for action in script {
        world.happen(action).await?;
    }
    world.check_laws().await?;
    let outcome = Outcome {
        operations: world.operations(),
        owed: world.owed(),
        envelopes: world.envelopes(),
        digest: world.digest(),
    };
    world.end().await;
    Ok(outcome)
}

fn law_of(error: &anyhow::Error) -> String {
    match error.downcast_ref::<Broken>() {
        Some(broken) => broken.law.to_owned(),
        None => "world".to_owned(),
    }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words")
        .to_owned()
}

/// The shortest script found that fails by the same law: actions are left out, many at first.
#[must_use]
pub fn shrink(seed: u64, script: &[Action], failure: &Failure) -> (Vec<Action>, Failure) {
    let (mut shortest, mut why) = (script.to_vec(), failure.clone());
    let mut chunk = shortest.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        let mut has_shrunk = false;
        while at < shortest.len() {
            let end = (at + chunk).min(shortest.len());
            let mut shorter = shortest.clone();
            shorter.drain(at..end);
            match run(seed, &shorter) {
                Err(found) if found.law == failure.law => {
                    (shortest, why) = (shorter, found);
                    has_shrunk = true;
                }
                Ok(_) | Err(_) => at = end,
            }
        }
        if chunk == 1 && !has_shrunk {
            return (shortest, why);
        }
        chunk = (chunk / 2).max(1);
    }
}
