//! `almanac share`, `join`, `member`, `role`, `leave`: a calendar for several people.

use almanac_client::{
    AskingView, Client, Error, InvitationView, InviteView, MemberRole, MemberView, MembersView,
    OpenInviteView, Result,
};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::arguments::Options;
use crate::output::{Output, is_yes, plain, push_line};
use crate::profile;

/// Characters of an account's id that are shown.
const SHORT: usize = 8;

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleArgument {
    /// Sees when the calendar's people are busy, and nothing else
    FreeBusy,
    /// Reads
    Viewer,
    /// Reads and writes
    Editor,
    /// Reads, writes, and says who is a member
    Owner,
}

impl From<RoleArgument> for MemberRole {
    fn from(role: RoleArgument) -> Self {
        match role {
            RoleArgument::FreeBusy => Self::FreeBusy,
            RoleArgument::Viewer => Self::Viewer,
            RoleArgument::Editor => Self::Editor,
            RoleArgument::Owner => Self::Owner,
        }
    }
}

/// Arguments of `share`.
#[derive(Debug, Args)]
pub(crate) struct ShareArguments {
    /// Name or id of the calendar
    calendar: String,
    /// What the other person may do
    #[arg(long)]
    role: RoleArgument,
    /// How the others see you; asked for once
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
}

/// Arguments of `join`.
#[derive(Debug, Args)]
pub(crate) struct JoinArguments {
    /// The text you were given; it begins with ALM1
    text: String,
    /// How the others see you; asked for once
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// What you call the calendar yourself; only your own devices see it
    #[arg(long, value_name = "NAME")]
    call: Option<String>,
    /// Ask to be admitted without being asked first
    #[arg(long)]
    yes: bool,
}

/// What to do with the members of a calendar.
#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// List the members, and who asks to be admitted
    List {
        /// Name or id of the calendar
        calendar: String,
    },
    /// Admit someone who asks: you see their name and the safety number first
    Confirm {
        /// Name or id of the calendar
        calendar: String,
        /// Their name, or the beginning of their id
        person: String,
        /// Admit them without being asked first
        #[arg(long)]
        yes: bool,
    },
    /// Compare the safety number with a member, once: it must be the same on both sides
    Compare {
        /// Name or id of the calendar
        calendar: String,
        /// Their name, or the beginning of their id
        person: String,
        /// Say without being asked that it is the same
        #[arg(long, conflicts_with = "forget")]
        same: bool,
        /// Forget that it was compared
        #[arg(long)]
        forget: bool,
    },
    /// Take back an invite that was not used: nobody can ask with it any more
    Uninvite {
        /// Name or id of the calendar
        calendar: String,
        /// The invite, as `member list` shows it
        invite: String,
    },
    /// Remove a member: they keep what they have and read nothing new
    Remove {
        /// Name or id of the calendar
        calendar: String,
        /// Their name, or the beginning of their id
        person: String,
    },
}

/// Arguments of `role`.
#[derive(Debug, Args)]
pub(crate) struct RoleArguments {
    /// Name or id of the calendar
    calendar: String,
    /// Their name, or the beginning of their id
    person: String,
    /// What they may do from now on
    role: RoleArgument,
}

/// Arguments of `leave`.
#[derive(Debug, Args)]
pub(crate) struct LeaveArguments {
    /// Name or id of the calendar
    calendar: String,
}

/// What became of a person in a calendar.
#[derive(Serialize)]
struct Decided {
    done: bool,
}

pub(super) async fn share(options: &Options, what: ShareArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let role = what.role.into();
    let invite = client.share(&what.calendar, role, what.name.as_deref());
    output.give(&invite.await?, text_of_invite)
}

pub(super) async fn join(options: &Options, what: JoinArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let invitation = client.look_at_invite(&what.text).await?;
    if !what.yes {
        output.say(&text_of_invitation(invitation.view()))?;
        output.say("Ask to be admitted? Type yes, or anything else to leave it:")?;
        if !is_yes()? {
            invitation.decline().await;
            return output.give(&Decided { done: false }, |_| {
                "You have not asked. The invite stays open until it is over.".to_owned()
            });
        }
    }
    let asked = invitation.ask(what.name.as_deref()).await?;
    if let Some(name) = &what.call {
        client.call_calendar(&asked.calendar, name)?;
    }
    output.give(&asked, |asked| {
        format!(
            "Asked. Once the owner has confirmed you, the calendar comes with `almanac sync`. If \
             you compare the safety number, it must be the same on both sides:\n{}",
            asked.safety_number
        )
    })
}

pub(super) async fn member(options: &Options, what: MemberCommand, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    match what {
        MemberCommand::List { calendar } => {
            output.give(&client.members(&calendar).await?, text_of_members)
        }
        MemberCommand::Confirm {
            calendar,
            person,
            yes,
        } => {
            let asking = client.asking(&calendar).await?;
            let mut meant = asking
                .into_iter()
                .filter(|asking| is_meant(&asking.view(), &person));
            let found = match (meant.next(), meant.next()) {
                (Some(found), None) => found,
                (None, _) => return Err(nobody_asks(&person)),
                (Some(_), Some(_)) => return Err(several_ask(&person)),
            };
            if !yes {
                output.say(&text_of_asking(&found.view()))?;
                output.say("Admit them? Type yes, or anything else to leave it:")?;
                if !is_yes()? {
                    return output.give(&Decided { done: false }, |_| {
                        "Nobody was admitted. They stay on the list until the invite is over."
                            .to_owned()
                    });
                }
            }
            found.admit().await?;
            output.give(&Decided { done: true }, |_| {
                "They are a member now, and the calendar comes to them.".to_owned()
            })
        }
        MemberCommand::Compare {
            calendar,
            person,
            same,
            forget,
        } => {
            let member = client.member(&calendar, &person)?;
            compare(&client, &member, (same, forget), output)
        }
        MemberCommand::Uninvite { calendar, invite } => {
            client.take_back(&calendar, &invite).await?;
            output.give(&Decided { done: true }, |_| {
                "The invite is taken back: nobody can ask with it any more.".to_owned()
            })
        }
        MemberCommand::Remove { calendar, person } => {
            client.remove_member(&calendar, &person).await?;
            output.give(&Decided { done: true }, |_| {
                "They are no member any more: they keep what they have and read nothing new."
                    .to_owned()
            })
        }
    }
}

fn compare(
    client: &Client,
    member: &MemberView,
    (same, forget): (bool, bool),
    output: &Output,
) -> Result<()> {
    if member.this {
        return Err(Error::invalid(
            "That is you: a safety number is for two people. Nothing was changed.",
        ));
    }
    if !same && !forget {
        output.say(&format!(
            "Safety number with {}: {}\nAsk them for theirs on the telephone, or where you meet.",
            called(&member.name),
            member.safety_number
        ))?;
        output.say("Is it the same? Type yes, or anything else:")?;
    }
    if same || (!forget && is_yes()?) {
        client.set_compared(&member.id, true)?;
        return output.give(&Decided { done: true }, |_| {
            "Noted, on all your devices: nobody stands between you.".to_owned()
        });
    }
    client.set_compared(&member.id, false)?;
    output.give(&Decided { done: false }, |_| {
        if forget {
            "Forgotten: you have not compared with them.".to_owned()
        } else {
            "Then somebody may stand between you, or one of you read it wrong. Compare once more. If it \
             is not the same again, tell them nothing in this calendar, and remove them."
                .to_owned()
        }
    })
}

pub(super) async fn role(options: &Options, what: RoleArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let role = what.role.into();
    client.set_role(&what.calendar, &what.person, role).await?;
    output.give(&Decided { done: true }, |_| match role {
        MemberRole::FreeBusy => {
            "From now on they see when the calendar's people are busy, and nothing else. What they \
             have read before they may have kept."
                .to_owned()
        }
        MemberRole::Viewer | MemberRole::Editor | MemberRole::Owner => {
            format!("They are {} now.", name_of(role))
        }
    })
}

pub(super) fn leave(options: &Options, what: &LeaveArguments, output: &Output) -> Result<()> {
    profile::open(options)?.leave_calendar(&what.calendar)?;
    output.give(&Decided { done: true }, |_| {
        "The calendar is no longer in your list, on any of your devices. Only an owner can take you \
         out of its members: tell them."
            .to_owned()
    })
}

const fn name_of(role: MemberRole) -> &'static str {
    match role {
        MemberRole::FreeBusy => "free/busy",
        MemberRole::Viewer => "viewer",
        MemberRole::Editor => "editor",
        MemberRole::Owner => "owner",
    }
}

fn is_meant(asking: &AskingView, person: &str) -> bool {
    let wanted = person.trim().to_lowercase();
    let is_id = wanted.len() >= 4 && asking.id.starts_with(&wanted);
    is_id || asking.name.to_lowercase() == wanted
}

fn nobody_asks(person: &str) -> Error {
    Error::not_found(format!(
        "Nobody called “{person}” asks to be admitted. Nothing was changed. `almanac member list` \
         shows who does."
    ))
}

fn several_ask(person: &str) -> Error {
    Error::invalid(format!(
        "More than one who asks is called “{person}”. Nobody was admitted. Ask the person you \
         invited for the safety number, and name them by id."
    ))
}

fn short(id: &str) -> String {
    id.chars().take(SHORT).collect()
}

fn called(name: &str) -> String {
    if name.is_empty() {
        "(no name yet)".to_owned()
    } else {
        plain(name)
    }
}

fn text_of_invite(invite: &InviteView) -> String {
    format!(
        "Hand this text to one person, not by way of the relay. It is good for one of them and for \
         a week; then confirm them with `almanac member confirm`. It holds no key of the \
         calendar.\n\n{}",
        invite.text
    )
}

fn text_of_invitation(view: &InvitationView) -> String {
    let members = match view.members {
        1 => "1 member".to_owned(),
        count => format!("{count} members"),
    };
    let owner = short(&view.owner);
    let offered = match view.role {
        MemberRole::FreeBusy => format!(
            "You are invited to see when the people of a calendar of account {owner} are busy, and \
             nothing else. It has {members}."
        ),
        role @ (MemberRole::Viewer | MemberRole::Editor | MemberRole::Owner) => format!(
            "You are invited as {} to a calendar of account {owner}, which has {members}. Its name \
             comes with it.",
            name_of(role)
        ),
    };
    format!("{offered}\nSafety number: {}", view.safety_number)
}

fn text_of_asking(view: &AskingView) -> String {
    format!(
        "{}  {} asks to be admitted as {}.\nSafety number: {}\nAsk them for it on the telephone, or \
         where you meet: only the person you invited sees the same digits.",
        short(&view.id),
        called(&view.name),
        name_of(view.role),
        view.safety_number
    )
}

fn text_of_members(view: &MembersView) -> String {
    let mut text = String::new();
    for member in &view.members {
        push_line(&mut text, format_args!("{}", line_of(member)));
    }
    for asking in &view.asking {
        push_line(&mut text, format_args!("\n{}", text_of_asking(asking)));
    }
    for invite in &view.invites {
        let line = line_of_invite(invite);
        push_line(&mut text, format_args!("{line}"));
    }
    text
}

fn line_of_invite(invite: &OpenInviteView) -> String {
    let by = match plain(&invite.by) {
        name if name.is_empty() => String::new(),
        name => format!(", made by {name}"),
    };
    format!(
        "{}  {:<11}open invite until {}{by}",
        short(&invite.id),
        name_of(invite.role),
        invite.until.date
    )
}

fn line_of(member: &MemberView) -> String {
    let this = if member.this { "  (you)" } else { "" };
    let compared = member.compared.as_ref().map_or_else(String::new, |at| {
        format!("  safety number compared {}", at.date)
    });
    format!(
        "{}  {:<11}{}{this}{compared}",
        short(&member.id),
        name_of(member.role),
        called(&member.name)
    )
}
