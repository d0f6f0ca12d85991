//! What an owner wanted, when another owner's link came first.
//!
//! The relay appends only behind the head a link names, so of two owners at once one loses. Nothing
//! of what it signed is used again: it reads the other's link, asks here what is left of its wish,
//! and signs anew, or shows the person what has changed.

use super::{CalendarLog, InviteState, InviteTerms};
use crate::ids::{AccountId, VerifyKey};
use crate::membership::rotation::Role;

/// What someone set out to do, and what they saw when they did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Give an account another role, or none.
    Role {
        /// The account.
        account: AccountId,
        /// What it could do when the person decided.
        from: Option<Role>,
        /// What it shall do.
        to: Option<Role>,
        /// The invite by which it asks.
        invite: Option<VerifyKey>,
    },
    /// Open an invite.
    Invite(InviteTerms),
    /// Take an invite back.
    EndInvite(VerifyKey),
    /// Begin an epoch because this one is older than this.
    Rotate {
        /// The epoch that was in force.
        from: u32,
    },
}

/// What is left of an intent, once the log has gone on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All of it: sign it anew, on the new head.
    Again,
    /// Nothing: the log says so already.
    Done,
    /// What the person saw is no longer so: show it and ask again.
    Ask,
    /// The signer may no longer do this.
    Forbidden,
}

impl Intent {
    /// What is left of it for `signer`, when the log has become `log`.
    #[must_use]
    pub fn after(&self, log: &CalendarLog, signer: &AccountId) -> Verdict {
        let needed = match self {
            Self::Rotate { .. } => Role::Editor,
            Self::Role { .. } | Self::Invite(_) | Self::EndInvite(_) => Role::Owner,
        };
        if log.role(signer) < Some(needed) {
            return Verdict::Forbidden;
        }
        match self {
            Self::Role {
                account,
                from,
                to,
                invite,
            } => after_role(log, signer, (account, *from, *to), invite.as_ref()),
            Self::Invite(terms) if log.invite(&terms.key).is_some() => Verdict::Done,
            Self::Invite(_) => Verdict::Again,
            Self::EndInvite(key) => match log.invite(key).map(|invite| invite.state) {
                Some(InviteState::Open) => Verdict::Again,
                Some(InviteState::Ended) => Verdict::Done,
                Some(InviteState::Used(_)) => Verdict::Ask,
                None => Verdict::Forbidden,
            },
            Self::Rotate { from } if log.epoch_now().section.epoch > *from => Verdict::Done,
            Self::Rotate { .. } => Verdict::Again,
        }
    }
}

fn after_role(
    log: &CalendarLog,
    signer: &AccountId,
    (account, from, to): (&AccountId, Option<Role>, Option<Role>),
    invite: Option<&VerifyKey>,
) -> Verdict {
    let now = log.role(account);
    if now == to {
        return Verdict::Done;
    }
    let is_open = |key| {
        let invite = log.invite(key);
        invite.is_some_and(|invite| invite.state == InviteState::Open)
    };
    if now != from || !invite.is_none_or(is_open) {
        return Verdict::Ask;
    }
    let after = log.members_after(Some((*account, to)));
    let has_owner = after.iter().any(|(_, role)| *role == Role::Owner);
    let shuts_itself_out = account == signer && !to.is_some_and(Role::can_read);
    if has_owner && !shuts_itself_out {
        Verdict::Again
    } else {
        Verdict::Forbidden
    }
}
