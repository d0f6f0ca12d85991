//! `almanac recovery …`: the kit of 24 words, the way back with it, and the second factor.

use std::fs::OpenOptions;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use almanac_client::{
    Client, Error, KitState, MakingKit, Recovered, RecoveryView, Result, recover,
};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::arguments::{Options, PassphraseCost};
use crate::output::{Output, is_yes, plain, push_line};
use crate::profile;
use crate::words::instant_words;

/// Words of a kit.
const KIT_WORDS: usize = 24;

/// A code of the second factor.
#[derive(Debug, Clone, Args)]
pub(crate) struct CodeArgument {
    /// A code of the second factor: six digits of the authenticator, or one of the ten on paper
    #[arg(long)]
    pub(crate) code: Option<String>,
}

/// What to do about recovery.
#[derive(Debug, Subcommand)]
pub(crate) enum RecoveryCommand {
    /// Show whether a kit exists, whether somebody uses it, and whether codes are asked for
    Status,
    /// Make a recovery kit: 24 words to print, typed back once before they count
    Kit {
        /// File to write the page to; shown when absent
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Ask for the words of the kit so far instead of the consent of another device
        #[arg(long)]
        with_old: bool,
        #[command(flatten)]
        code: CodeArgument,
    },
    /// Agree to the kit that another of your devices has made
    Agree {
        /// Agree without being asked first
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        code: CodeArgument,
    },
    /// Come back into your account on this computer, with the words of your kit
    Use {
        /// Address of the relay
        url: String,
        /// Name of this device, as your other devices will show it
        #[arg(long)]
        name: String,
        #[command(flatten)]
        code: CodeArgument,
        #[command(flatten)]
        cost: PassphraseCost,
    },
    /// Say that it is you who uses the words: they need not wait
    Approve,
    /// Have the relay ask for a code before a device is added and before a kit is used
    #[command(subcommand)]
    SecondFactor(FactorCommand),
}

/// What to do with the second factor.
#[derive(Debug, Subcommand)]
pub(crate) enum FactorCommand {
    /// Set it up: for an authenticator, with ten codes on paper
    On(CodeArgument),
    /// Take it away
    Off {
        /// A code of it
        #[arg(long)]
        code: String,
    },
    /// Make it anew, with ten new codes: the old ones and the old authenticator no longer count
    Codes {
        /// A code of it as it is now
        #[arg(long)]
        code: String,
    },
}

/// What using the words did.
#[derive(Serialize)]
#[serde(rename_all = "camelCase", tag = "state")]
enum Used {
    Waits { until: String },
    Done { device: String, profile: String },
}

/// What became of a decision.
#[derive(Serialize)]
struct Decided {
    done: bool,
}

pub(super) async fn run(
    options: &Options,
    command: RecoveryCommand,
    output: &Output,
) -> Result<()> {
    match command {
        RecoveryCommand::Status => {
            output.give(&profile::open(options)?.recovery()?, text_of_recovery)
        }
        RecoveryCommand::Kit {
            out,
            with_old,
            code,
        } => {
            let client = profile::open(options)?;
            let old = if with_old {
                output.say("Type the 24 words of your kit so far:")?;
                Some(typed_words()?)
            } else {
                None
            };
            let kit = client.make_kit();
            make(&kit, out.as_deref(), old.as_deref(), code, output).await
        }
        RecoveryCommand::Agree { yes, code } => {
            agree(&profile::open(options)?, yes, code, output).await
        }
        RecoveryCommand::Use {
            url,
            name,
            code,
            cost,
        } => use_words(options, (&url, &name), code, cost, output).await,
        RecoveryCommand::Approve => {
            profile::open(options)?.approve_recovery().await?;
            output.give(&Decided { done: true }, |_| {
                "The words need not wait: run `almanac recovery use` there once more.".to_owned()
            })
        }
        RecoveryCommand::SecondFactor(command) => {
            second_factor(&profile::open(options)?, command, output).await
        }
    }
}

async fn make(
    kit: &MakingKit,
    out: Option<&Path>,
    old: Option<&str>,
    code: CodeArgument,
    output: &Output,
) -> Result<()> {
    match out {
        Some(path) => {
            write_page(path, &kit.page())?;
            output.say(&format!(
                "The page is in {}. Print it, and delete the file.",
                path.display()
            ))?;
        }
        None => output.say(&kit.page())?,
    }
    output.say("Now type the 24 words from the paper:")?;
    let typed = loop {
        let typed = typed_words()?;
        match kit.check(&typed) {
            Ok(()) => break typed,
            Err(error) => output.say(&format!("{error} Type all 24 words again:"))?,
        }
    };
    let state = kit.confirm(&typed, old, code.code.as_deref()).await?;
    output.give(&state, text_of_kit)
}

/// Nobody but the person's own user reads the page, and no page is written over.
fn write_page(path: &Path, page: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(page.as_bytes()));
    written.map_err(|error| {
        Error::invalid(format!(
            "The page cannot be written to {}: {error}. No kit was made.",
            path.display()
        ))
    })
}

async fn agree(client: &Client, yes: bool, code: CodeArgument, output: &Output) -> Result<()> {
    client.sync(almanac_client::Mode::Once).await?;
    let maker = client.recovery()?.awaits_consent;
    if let Some(maker) = maker.filter(|_| !yes) {
        output.say(&format!(
            "“{}” has made a new recovery kit: 24 words that open your account. The kit before, if \
             there is one, is worth nothing any more. If you did not do this yourself, say no, and \
             revoke that device. Agree? Type yes, or anything else to leave it:",
            plain(&maker)
        ))?;
        if !is_yes()? {
            return output.give(&Decided { done: false }, |_| {
                "You have not agreed. Nothing was changed.".to_owned()
            });
        }
    }
    client.agree_to_kit(code.code.as_deref()).await?;
    output.give(&Decided { done: true }, |_| {
        "The new recovery kit is in force.".to_owned()
    })
}

async fn use_words(
    options: &Options,
    (url, name): (&str, &str),
    code: CodeArgument,
    cost: PassphraseCost,
    output: &Output,
) -> Result<()> {
    let folder = profile::folder(options)?;
    let unlock = profile::unlock_new(options, cost)?;
    output.say("Type the 24 words of your recovery kit:")?;
    let typed = typed_words()?;
    let used = match recover(&folder, url, &typed, name, code.code.as_deref(), &unlock).await? {
        Recovered::Waits { until } => Used::Waits { until },
        Recovered::Done(_) => Used::Done {
            device: name.to_owned(),
            profile: folder.display().to_string(),
        },
    };
    output.give(&used, text_of_used)
}

async fn second_factor(client: &Client, command: FactorCommand, output: &Output) -> Result<()> {
    let before = match command {
        FactorCommand::On(before) => before.code,
        FactorCommand::Codes { code } => Some(code),
        FactorCommand::Off { code } => {
            client.remove_second_factor(&code).await?;
            return output.give(&Decided { done: true }, |_| {
                "No codes are asked for any more.".to_owned()
            });
        }
    };
    let factor = client.make_second_factor();
    output.say(&format!(
        "Enter this in an authenticator on another device:\n  {}\n  {}\n\nWrite these ten codes down. \
         Each is good once, for when the authenticator is lost:",
        *factor.secret(),
        *factor.uri()
    ))?;
    for code in factor.codes() {
        output.say(&format!("  {code}"))?;
    }
    output.say("Now type the six digits that the authenticator shows:")?;
    let mut typed = String::new();
    io::stdin()
        .lock()
        .read_line(&mut typed)
        .map_err(|error| Error::invalid(format!("No code: {error}. Nothing was changed.")))?;
    factor.confirm(typed.trim(), before.as_deref()).await?;
    output.give(&Decided { done: true }, |_| {
        "From now on the relay asks for a code before a device is added to your account, and before \
         your recovery kit is used. It protects against thieves, not against whoever runs the relay."
            .to_owned()
    })
}

/// Reads lines until they hold 24 words.
pub(super) fn typed_words() -> Result<String> {
    let mut words: Vec<String> = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| Error::invalid(format!("No words: {error}.")))?;
        words.extend(line.split_whitespace().map(str::to_owned));
        if words.len() >= KIT_WORDS {
            return Ok(words.join(" "));
        }
    }
    Err(Error::invalid(format!(
        "The input ended after {} of 24 words. Nothing was changed.",
        words.len()
    )))
}

fn text_of_kit(state: &KitState) -> String {
    match state {
        KitState::InForce => {
            "The recovery kit is in force: these words open your account. Keep the \
                              page where you keep your passport. An older kit is worth nothing now."
                .to_owned()
        }
        KitState::NeedsConsent { devices } => {
            let names: Vec<String> = devices.iter().map(|name| format!("“{name}”")).collect();
            format!(
                "The words are right. A second device has to agree before they count: run `almanac \
                 recovery agree` on {}.",
                plain(&names.join(" or "))
            )
        }
    }
}

fn text_of_used(used: &Used) -> String {
    match used {
        Used::Waits { until } => format!(
            "The words are right. Every device of the account is told now, and the relay makes the words \
             wait until {}. Run the same command then, within a week. There is no wait if you run \
             `almanac recovery approve` on a device that you still have. Nothing was made on this \
             computer yet.",
            instant_words(until)
        ),
        Used::Done { device, .. } => format!(
            "This device is now “{}”, part of your account again. Fetch the calendars with `almanac \
             sync`, take out what you have lost with `almanac device revoke NAME --with-kit`, and make a \
             new kit if somebody may have seen the words.",
            plain(device)
        ),
    }
}

fn text_of_recovery(view: &RecoveryView) -> String {
    let mut text = String::new();
    match &view.kit_since {
        Some(since) => push_line(
            &mut text,
            format_args!("A recovery kit is in force since {}.", instant_words(since)),
        ),
        None => push_line(
            &mut text,
            format_args!(
                "There is no recovery kit. If all your devices are lost, nobody can bring your calendars \
                 back. Make one with `almanac recovery kit`."
            ),
        ),
    }
    if let Some(device) = &view.awaits_consent {
        push_line(
            &mut text,
            format_args!(
                "“{}” has made a new kit that waits for the consent of a second device: `almanac \
                 recovery agree`.",
                plain(device)
            ),
        );
    }
    if let Some(time) = &view.begun {
        push_line(
            &mut text,
            format_args!(
                "Somebody has typed its words, first on {}. If it was not you, make a new kit now.",
                instant_words(time)
            ),
        );
    }
    match &view.second_factor_since {
        Some(since) => push_line(
            &mut text,
            format_args!("Codes are asked for since {}.", instant_words(since)),
        ),
        None => push_line(&mut text, format_args!("No second factor is set.")),
    }
    text
}
