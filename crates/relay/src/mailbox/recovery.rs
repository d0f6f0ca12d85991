//! RECOVER, FACTOR_PASS, FACTOR_SET and RECOVERY_APPROVE: the way back into an account, and what stands
//! before it.
//!
//! ```text
//! key proven ──▶ second factor, if one is set ──▶ the kit waits a day ──▶ link
//!     └──▶ every device of the account hears of it
//! ```
//!
//! Invariant: a code is looked at only for who has proven a key, and what became of it is durable
//! before it is said.

use almanac_protocol::ids::{AccountId, DeviceId};
use almanac_protocol::membership::{AccountLog, DeviceClass, LinkType};
use almanac_protocol::message::{FactorPass, FactorSet, Message, RecoveryApprove, RecoveryBegun};
use almanac_protocol::second_factor::{
    FactorTerms, FactorVerdict, FailureRate, Gate, Hold, HoldState, SecondFactor,
};
use almanac_protocol::session::relay::{KitEntry, KitProof, Packet};
use rusqlite::Connection;

use super::done;
use super::writer::News;
use crate::clock;
use crate::database::access::{self, Caller};
use crate::database::recovery::{self, Factor};
use crate::database::{device, guest};
use crate::reject::{Refusal, Reject};

/// What became of a code, for the session: which factor this connection has passed now.
pub(super) type Passing = (Option<u64>, Vec<Packet>);

/// Lets a kit in whose key is proven: it waits from now on, or has waited. All that is wrong with the
/// proof looks the same.
pub(super) fn recover(
    connection: &Connection,
    kit: &KitProof,
) -> Result<(KitEntry, Option<News>), Refusal> {
    let device = kit.proof.device;
    let (account, key) = recovery::kit(connection, &device)?.ok_or(Reject::AuthFailed)?;
    if !kit.proof.is_signed_by(&key, &kit.signature) {
        return Err(Reject::AuthFailed.into());
    }
    let now_ms = now_ms();
    let before = recovery::hold(connection, &account)?;
    let before = before.filter(|(of, _)| *of == device).map(|(_, hold)| hold);
    let hold = Hold::begin(before, now_ms);
    recovery::put_hold(connection, &account, &device, hold)?;
    let entry = KitEntry {
        account,
        is_factor_due: recovery::factor(connection, &account)?.factor.is_some(),
        wait_ms: wait_ms(hold, now_ms),
    };
    let news = begun(connection, &account)?;
    let news = news.map(|(device, notice)| News::Recovering(account, device, notice));
    Ok((entry, news))
}

/// What every device of an account is told while a kit waits or may sign; `None` where none does.
pub(super) fn begun(
    connection: &Connection,
    account: &AccountId,
) -> Result<Option<(DeviceId, Packet)>, Refusal> {
    let now_ms = now_ms();
    let Some((device, hold)) = recovery::hold(connection, account)? else {
        return Ok(None);
    };
    if hold.state(now_ms) == HoldState::Over {
        return Ok(None);
    }
    let notice = RecoveryBegun {
        device,
        begun_ms: hold.begun_ms,
        wait_ms: wait_ms(hold, now_ms),
    };
    Ok(Some((device, Packet::from(Message::from(notice)))))
}

/// A device of the account says that it is its person who recovers: the kit need not wait.
pub(super) fn approve(
    connection: &Connection,
    caller: &Caller,
    request: &RecoveryApprove,
) -> Result<(Vec<Packet>, Option<News>), Refusal> {
    if !device::may_write(connection, &caller.account, &caller.device)? {
        return Err(Reject::Forbidden.into());
    }
    let hold = recovery::hold(connection, &caller.account)?;
    let hold = hold.filter(|(device, _)| *device == request.device);
    let (device, hold) = hold.ok_or(Reject::Unknown)?;
    let now_ms = now_ms();
    if hold.state(now_ms) == HoldState::Over {
        return Err(Reject::Unknown.into());
    }
    recovery::put_hold(connection, &caller.account, &device, hold.approve(now_ms))?;
    let news = begun(connection, &caller.account)?;
    let news = news.map(|(device, notice)| News::Recovering(caller.account, device, notice));
    Ok((done(request.request), news))
}

/// Looks at a code. A wrong one counts, so it is no failure of the letter.
pub(super) fn pass(
    connection: &Connection,
    caller: &Caller,
    rate: &mut FailureRate,
    request: &FactorPass,
) -> Result<Passing, Refusal> {
    if !access::is_active(connection, caller)? {
        return Err(Reject::Forbidden.into());
    }
    let mut kept = recovery::factor(connection, &caller.account)?;
    let version = kept.version;
    let Some(factor) = kept.factor.as_mut() else {
        return Ok((None, done(request.request)));
    };
    let now_ms = now_ms();
    let verdict = factor.check(&caller.account, &request.code, now_ms);
    recovery::put_factor(connection, &caller.account, &kept)?;
    let refusal = match verdict {
        FactorVerdict::Passed => return Ok((Some(version), done(request.request))),
        FactorVerdict::Wrong { left } => {
            note(rate, now_ms);
            Reject::SecondFactor { left: Some(left) }
        }
        FactorVerdict::Locked { until_ms } => {
            note(rate, now_ms);
            Reject::Locked {
                wait_ms: until_ms.saturating_sub(now_ms),
            }
        }
    };
    Ok((None, vec![refusal.nack(request.request)]))
}

/// Sets, changes or takes away the second factor, for a device that has passed the one before.
pub(super) fn set(
    connection: &Connection,
    caller: &Caller,
    passed: Option<u64>,
    request: &FactorSet,
) -> Result<Passing, Refusal> {
    if guest::is_one(connection, &caller.account)? {
        // What stands before its links stands at its own relay.
        return Err(Reject::Forbidden.into());
    }
    let class = device::class(connection, &caller.account, &caller.device)?;
    let kept = recovery::factor(connection, &caller.account)?;
    let gate = Gate {
        class: class.ok_or(Reject::Forbidden)?,
        factor_due: is_due(&kept, passed),
        hold: None,
    };
    gate.admits_factor()
        .map_err(|_| Reject::SecondFactor { left: None })?;
    let factor = if request.terms.is_empty() {
        None
    } else {
        let terms = FactorTerms::parse(&request.terms).map_err(|_| Reject::Malformed)?;
        let mut factor = SecondFactor::new(terms);
        if factor.check(&caller.account, &request.code, now_ms()) != FactorVerdict::Passed {
            return Err(Reject::SecondFactor { left: None }.into());
        }
        Some(factor)
    };
    let version = kept.version.saturating_add(1);
    let factor = Factor { version, factor };
    recovery::put_factor(connection, &caller.account, &factor)?;
    Ok((Some(version), done(request.request)))
}

/// Whether a link may be appended to the account's log, by what stands before it: that of who signed
/// it, whoever brings it.
pub(super) fn admit(
    connection: &Connection,
    log: &AccountLog,
    (signer, link_type): (&DeviceId, LinkType),
    passed: Option<u64>,
) -> Result<(), Refusal> {
    let account = log.id();
    let class = log.device(signer).map(|device| device.bundle.class);
    let class = class.ok_or(Reject::Forbidden)?;
    let hold = match class {
        DeviceClass::Full => None,
        DeviceClass::Recovery => {
            let hold = recovery::hold(connection, &account)?;
            hold.filter(|(device, _)| device == signer)
                .map(|(_, hold)| hold)
        }
    };
    let gate = Gate {
        class,
        factor_due: is_due(&recovery::factor(connection, &account)?, passed),
        hold,
    };
    let now_ms = now_ms();
    gate.admits(link_type, now_ms)
        .map_err(|refusal| Reject::of_gate(refusal, now_ms).into())
}

fn is_due(kept: &Factor, passed: Option<u64>) -> bool {
    kept.factor.is_some() && passed != Some(kept.version)
}

fn note(rate: &mut FailureRate, now_ms: u64) {
    if rate.note(now_ms) {
        tracing::warn!("factor.many_wrong_codes");
    }
}

fn wait_ms(hold: Hold, now_ms: u64) -> u64 {
    match hold.state(now_ms) {
        HoldState::Waiting { until_ms } => until_ms.saturating_sub(now_ms),
        HoldState::Open { .. } | HoldState::Over => 0,
    }
}

fn now_ms() -> u64 {
    u64::try_from(clock::now_ms()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use almanac_protocol::message::Reason;

    use super::*;

    #[test]
    fn a_refusal_of_the_gate_says_how_long_to_wait() {
        use almanac_protocol::second_factor::Refusal as Missing;
        let held = Reject::of_gate(Missing::Hold { until_ms: 90 }, 60);
        assert_eq!(held, Reject::Held { wait_ms: 30 });
        assert_eq!(held.reason(), Reason::Held);
        let factor = Reject::of_gate(Missing::SecondFactor, 60);
        assert_eq!(factor, Reject::SecondFactor { left: None });
        assert_eq!(factor.reason(), Reason::SecondFactor);
    }
}
