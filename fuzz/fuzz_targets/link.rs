//! Links of anything, signed by a device of the account, offered to its log and to a calendar's:
//! what is not taken changes nothing, what is taken is known afterwards, and a log put together
//! from its links again is the same.
//!
//! An input is up to eight payloads, each behind its length in two bytes and a byte of choices:
//! 1 for the calendar's log, 2 the header as it comes, in all others the type is chosen by the rest.
#![no_main]

use almanac_fuzz::{ADA, set};
use almanac_protocol::ids::LogId;
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{AccountLog, Appended, CalendarLog, Link, LinkType, LogView};
use almanac_protocol::signed::{Signed, SignedBody, Signer};
use libfuzzer_sys::fuzz_target;

/// Links of one input: each is signed, which costs more than all else.
const LINKS_MAX: usize = 8;

const TYPES: [LinkType; 9] = [
    LinkType::AddDevice,
    LinkType::Revoke,
    LinkType::RotatePuk,
    LinkType::ReplaceRecovery,
    LinkType::Member,
    LinkType::Rotate,
    LinkType::Invite,
    LinkType::InviteEnd,
    LinkType::Policy,
];

/// A link that goes on where the log ends; its payload and type are anything.
fn link(choice: u8, payload: &[u8], log: LogId, view: LogView, seq: u64) -> Vec<u8> {
    let ada = &*ADA;
    let link = Link {
        link_type: TYPES[usize::from(choice >> 2) % TYPES.len()],
        log,
        seq,
        prev: view.head,
        device: ada.keys.device_id(),
        account: ada.account.id(),
        view: ada.account.view(),
        time_ms: 3,
        payload: payload.to_vec(),
    };
    let mut body = link.to_bytes();
    if choice & 2 != 0 {
        set(&mut body, 0, payload);
    }
    let signature = ada.keys.sign(Purpose::Link, &body);
    [&body[..], signature.as_bytes()].concat()
}

fuzz_target!(|input: &[u8]| {
    let (mut account, mut calendar) = (ADA.account.clone(), ADA.calendar.clone());
    let (mut taken, mut rest) = (Vec::new(), input);
    for _ in 0..LINKS_MAX {
        let Some(([high, low, choice], after)) = rest.split_first_chunk::<3>() else {
            break;
        };
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (payload, next) = after.split_at(length);
        rest = next;
        let is_calendar = choice & 1 != 0;
        let (log, view, seq) = if is_calendar {
            (
                calendar.id().into(),
                calendar.view(),
                calendar.view().seq + 1,
            )
        } else {
            (account.id().into(), account.view(), account.count())
        };
        let bytes = link(*choice, payload, log, view, seq);
        if let Ok(read) = Link::parse(&bytes[..bytes.len() - 64]) {
            assert_eq!(read.to_bytes(), bytes[..bytes.len() - 64]);
            assert!(Signed::<Link>::parse(&bytes).is_ok());
        }
        let before = (account.view(), calendar.view());
        let outcome = if is_calendar {
            calendar.append(&bytes, &account)
        } else {
            account.append(&bytes)
        };
        let now = (account.view(), calendar.view());
        match outcome {
            Ok(Appended::New) => {
                assert_ne!(before, now);
                let again = if is_calendar {
                    calendar.append(&bytes, &account)
                } else {
                    account.append(&bytes)
                };
                assert_eq!(again, Ok(Appended::Known));
                taken.push((is_calendar, bytes));
            }
            Ok(Appended::Known) | Err(_) => assert_eq!(before, now),
        }
        // What begins a log is judged by nobody's keys but its own.
        let _ = AccountLog::begin(payload);
        let _ = CalendarLog::begin(payload, &account);
    }
    let (mut account_again, mut calendar_again) = (ADA.account.clone(), ADA.calendar.clone());
    for (is_calendar, bytes) in taken {
        let outcome = if is_calendar {
            calendar_again.append(&bytes, &account)
        } else {
            account_again.append(&bytes)
        };
        assert_eq!(outcome, Ok(Appended::New));
    }
    assert_eq!(
        (account_again.view(), calendar_again.view()),
        (account.view(), calendar.view())
    );
});
