//! Changing a task, or a part of a series of tasks.
//!
//! By when one is due is mostly said of the one in hand: the one that a list of tasks shows. What
//! was done before stays where it was.

use almanac_calendar::edit::{Change, Scope};
use almanac_calendar::event::Task;
use almanac_calendar::{Event, OriginalStart, Override, Rules, When, Zone, task};
use jiff::Timestamp;

use crate::command::ScopeInput;
use crate::error::{Error, Result};
use crate::events::times::zone_or_system;
use crate::events::{occurrence, rule_of};
use crate::tasks::{Completion, EditTask, due, meant, not_a_task, priority_of, when_of};

/// What is said of one task of a series.
struct One {
    task: Task,
    when: When,
}

/// Changes a task as `input` says; wall clocks are those of `zone`.
pub(super) fn apply(
    event: &mut Event,
    input: &EditTask,
    now: Timestamp,
    zone: &Zone,
) -> Result<()> {
    let mut task = event.task.clone().ok_or_else(not_a_task)?;
    if !event.is_series() {
        let when = said(&mut task, &event.when, input, now, zone)?;
        event.move_all(when);
        event.task = Some(task);
        return whole(event, input);
    }
    let is_of_one = input.due.is_some() || input.start.is_some() || input.percent.is_some();
    let scope = match (input.scope, &input.occurrence) {
        (Some(scope), _) => scope,
        (None, Some(_)) => ScopeInput::This,
        (None, None) if input.rule.is_some() => ScopeInput::All,
        (None, None) => {
            let of_all = EditTask {
                due: None,
                start: None,
                percent: None,
                ..input.clone()
            };
            let of_one = EditTask {
                due: input.due.clone(),
                start: input.start.clone(),
                percent: input.percent,
                ..EditTask::default()
            };
            whole(event, &of_all)?;
            if let Some(priority) = input.priority {
                prioritize(event, priority_of(priority)?);
            }
            return if is_of_one {
                let at = named(event, input, now)?;
                this(event, &at, &of_one, now, zone)
            } else {
                Ok(())
            };
        }
    };
    if scope == ScopeInput::All && !is_of_one && input.occurrence.is_none() {
        if let Some(priority) = input.priority {
            prioritize(event, priority_of(priority)?);
        }
        return whole(event, input);
    }
    let at = named(event, input, now)?;
    match scope {
        ScopeInput::This if input.rule.is_some() => Err(Error::invalid(
            "Only a series has a rule, not one task of it. Nothing was changed.",
        )),
        ScopeInput::This => this(event, &at, input, now, zone),
        ScopeInput::Following => several(event, Scope::Following, &at, input, now, zone),
        ScopeInput::All => several(event, Scope::All, &at, input, now, zone),
    }
}

/// The one that a person names, or that is open now.
fn named(event: &Event, input: &EditTask, now: Timestamp) -> Result<OriginalStart> {
    match &input.occurrence {
        Some(text) => occurrence::named(event, text),
        None => meant(event, Completion::Done, now, &zone_or_system(None)?),
    }
}

/// Title, notes and rule of all.
fn whole(event: &mut Event, input: &EditTask) -> Result<()> {
    let at = event.when.original();
    let rules = rules(input)?;
    event.change(
        Scope::All,
        &at,
        Change {
            fields: texts(input),
            rules,
        },
    );
    Ok(())
}

fn prioritize(event: &mut Event, priority: u8) {
    let splits = event.splits.values_mut().map(|split| &mut split.change);
    let changes = splits.chain(event.overrides.values_mut());
    let tasks = changes.filter_map(|change| change.task.as_mut());
    for task in tasks.chain(event.task.as_mut()) {
        task.priority = priority;
    }
}

/// One of a series.
fn this(
    event: &mut Event,
    at: &OriginalStart,
    input: &EditTask,
    now: Timestamp,
    zone: &Zone,
) -> Result<()> {
    let one = one(event, at, input, now, zone)?;
    let says_task = input.due.is_some()
        || input.start.is_some()
        || input.percent.is_some()
        || input.priority.is_some();
    let fields = Override {
        when: Some(one.when),
        task: Some(one.task).filter(|_| says_task),
        ..texts(input)
    };
    event.change(Scope::This, at, Change::of(fields));
    Ok(())
}

/// One of a series and those after it, or all: they move as far as the one in hand.
fn several(
    event: &mut Event,
    scope: Scope,
    at: &OriginalStart,
    input: &EditTask,
    now: Timestamp,
    zone: &Zone,
) -> Result<()> {
    let is_all = scope == Scope::All || at.wall_clock() <= event.when.start();
    let One { task, when } = one(event, at, input, now, zone)?;
    let fields = Override {
        when: Some(when),
        task: Some(task),
        ..texts(input)
    };
    let mut rules = rules(input)?;
    if !is_all {
        rules = rules.map(|rules| event.counting_on(at, rules));
    }
    event.change(scope, at, Change { fields, rules });
    Ok(())
}

/// One of a series as it is to be.
fn one(
    event: &Event,
    at: &OriginalStart,
    input: &EditTask,
    now: Timestamp,
    zone: &Zone,
) -> Result<One> {
    let alone = event.alone(at);
    let item = task::item(event, at, now, zone).ok_or_else(not_a_task)?;
    let mut task = Task {
        due: item.due,
        ..alone.task.ok_or_else(not_a_task)?
    };
    let when = said(&mut task, &alone.when, input, now, zone)?;
    Ok(One { task, when })
}

/// Writes into a task what is said of it; gives where it stands then.
fn said(
    task: &mut Task,
    when: &When,
    input: &EditTask,
    now: Timestamp,
    zone: &Zone,
) -> Result<When> {
    if let Some(priority) = input.priority {
        task.priority = priority_of(priority)?;
    }
    if let Some(percent) = input.percent {
        if percent > 99 {
            return Err(Error::invalid(
                "A task that is begun is done to 0 to 99 percent; say `task done` when it is done. \
                 Nothing was changed.",
            ));
        }
        (task.percent, task.done) = (percent, None);
    }
    let mut start = task.is_planned.then(|| when.clone());
    if let Some(text) = &input.due {
        task.due = due::parse(text, zone)?;
    }
    if let Some(text) = &input.start {
        start = due::planned(text, zone)?;
    }
    task.is_planned = start.is_some();
    if input.due.is_none() && input.start.is_none() {
        return Ok(when.clone());
    }
    Ok(when_of(start.as_ref(), task.due.as_ref(), now, zone))
}

fn texts(input: &EditTask) -> Override {
    Override {
        title: input.title.clone(),
        notes: input.notes.clone(),
        ..Override::default()
    }
}

fn rules(input: &EditTask) -> Result<Option<Rules>> {
    let rule = input.rule.as_deref().map(rule_of).transpose()?;
    Ok(rule.map(|rule| rule.map_or_else(Rules::default, Rules::one)))
}
