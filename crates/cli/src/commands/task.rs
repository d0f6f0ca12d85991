//! `almanac task …`

use almanac_client::{
    AddTask, Client, Completion, EditTask, Error, Result, TaskState, TaskView, Tasks,
};
use clap::{Args, Subcommand};

use crate::arguments::Options;
use crate::commands::events;
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::{due_words, short};

/// What to do with tasks.
#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// Add a task
    Add(AddTaskArguments),
    /// List what is open, the most pressing first
    List {
        /// List what was done in the last 30 days instead
        #[arg(long)]
        done: bool,
        /// Name or id of the calendar; all of them when absent
        #[arg(long, value_name = "NAME")]
        calendar: Option<String>,
        /// Zone of the times, such as Europe/Berlin; the system's when absent
        #[arg(long)]
        zone: Option<String>,
    },
    /// Say that a task is done; of a series, the one that is open now
    Done(OneTask),
    /// Say that a task is not done after all; of a series, the one done last
    Undone(OneTask),
    /// Change fields of a task; due, start and percent of a series are those of the one that is
    /// open now
    Edit(EditTaskArguments),
}

/// Arguments of `task add`.
#[derive(Debug, Args)]
pub(crate) struct AddTaskArguments {
    /// What is to be done
    title: String,
    /// Name or id of the calendar; the first of your list when absent
    #[arg(long, value_name = "NAME")]
    calendar: Option<String>,
    /// By when: a day (2026-11-20) or a wall clock (2026-11-20T10:00)
    #[arg(long, value_name = "TIME")]
    due: Option<String>,
    /// A time set aside for it; of a series, the first
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// Zone of the wall clocks, such as Europe/Berlin; the system's when absent
    #[arg(long)]
    zone: Option<String>,
    /// How it repeats, as in RFC 5545: FREQ=WEEKLY
    #[arg(long, value_name = "RRULE")]
    rule: Option<String>,
    /// From 1, the most urgent, to 9
    #[arg(long, value_name = "1-9")]
    priority: Option<u8>,
    /// Notes
    #[arg(long)]
    notes: Option<String>,
}

/// A task, or one of a series.
#[derive(Debug, Args)]
pub(crate) struct OneTask {
    /// Id of the task, or a start of it of four digits or more that no other event shares
    task: String,
    /// The occurrence that is meant: its original start, or the day it is on
    #[arg(long, value_name = "TIME")]
    occurrence: Option<String>,
}

/// Arguments of `task edit`.
#[derive(Debug, Args)]
pub(crate) struct EditTaskArguments {
    /// Id of the task, or a start of it of four digits or more that no other event shares
    task: String,
    /// title, notes, due, start, zone, rule, priority (1-9, 0 for none) or percent (0-99), each
    /// with its new value; an empty due, start or rule takes it away
    #[arg(long = "set", required = true, num_args = 1.., value_name = "FIELD=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    part: events::Part,
}

pub(super) fn run(options: &Options, command: TaskCommand, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    match command {
        TaskCommand::Add(what) => {
            let done = client.add_task(AddTask {
                title: what.title,
                calendar: what.calendar,
                due: what.due,
                start: what.start,
                zone: what.zone,
                rule: what.rule,
                notes: what.notes,
                priority: what.priority,
            })?;
            events::give(&client, done, "Added", output)
        }
        TaskCommand::List {
            done,
            calendar,
            zone,
        } => {
            let which = if done { Tasks::Done } else { Tasks::Open };
            let found = client.tasks(which, calendar.as_deref(), zone.as_deref())?;
            output.give(&found, |found| text_of(found))
        }
        TaskCommand::Done(one) => complete(&client, &one, Completion::Done, "Done:", output),
        TaskCommand::Undone(one) => {
            complete(&client, &one, Completion::NotDone, "Not done:", output)
        }
        TaskCommand::Edit(what) => {
            let done = client.edit_task(&edit_of(what)?)?;
            events::give(&client, done, "Changed", output)
        }
    }
}

fn complete(
    client: &Client,
    one: &OneTask,
    completion: Completion,
    verb: &str,
    output: &Output,
) -> Result<()> {
    let done = client.complete_task(&one.task, one.occurrence.as_deref(), completion)?;
    events::give(client, done, verb, output)
}

fn edit_of(what: EditTaskArguments) -> Result<EditTask> {
    let (scope, occurrence) = what.part.input();
    let mut edit = EditTask {
        task: what.task,
        scope,
        occurrence,
        ..EditTask::default()
    };
    for text in what.set {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Error::invalid(format!("“{text}” is not of the form FIELD=VALUE.")))?;
        let value = value.to_owned();
        match name.trim().to_ascii_lowercase().as_str() {
            "title" | "summary" => edit.title = Some(value),
            "notes" | "description" => edit.notes = Some(value),
            "due" => edit.due = Some(value),
            "start" => edit.start = Some(value),
            "zone" => edit.zone = Some(value),
            "rule" => edit.rule = Some(value),
            "priority" => edit.priority = Some(number(&value)?),
            "percent" => edit.percent = Some(number(&value)?),
            _ => {
                return Err(Error::invalid(format!(
                    "There is no field “{name}” of a task; the fields are title, notes, due, \
                     start, zone, rule, priority and percent."
                )));
            }
        }
    }
    Ok(edit)
}

fn number(value: &str) -> Result<u8> {
    value
        .trim()
        .parse()
        .map_err(|_| Error::invalid(format!("“{value}” is no number that fits here.")))
}

fn text_of(found: &[TaskView]) -> String {
    let mut text = String::new();
    for task in found {
        let mark = match task.state {
            TaskState::Done => "[x]",
            TaskState::Cancelled => "[-]",
            TaskState::Doing => "[~]",
            TaskState::Overdue | TaskState::Todo => "[ ]",
        };
        let late = if task.state == TaskState::Overdue {
            "  overdue"
        } else {
            ""
        };
        let due = task
            .due
            .as_deref()
            .map_or(String::new(), |due| format!("  due {}", due_words(due)));
        let urgent = match task.priority {
            0 => String::new(),
            priority => format!("  !{priority}"),
        };
        push_line(
            &mut text,
            format_args!(
                "{mark} {}{urgent}{due}{late}  [{}]  {}",
                plain(&task.title),
                short(&task.event),
                plain(&task.calendar)
            ),
        );
    }
    if text.is_empty() {
        text.push_str("No tasks.");
    }
    text
}
