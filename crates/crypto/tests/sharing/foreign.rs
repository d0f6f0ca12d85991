//! Bytes that nobody made, and signatures made for something else: rows 2 and 23.

use almanac_crypto::backup::{BackupLock, begin, look};
use almanac_crypto::invite::CalendarInvite;
use almanac_crypto::passphrase::Cost;
use almanac_protocol::frame::{Frame, FrameType, STREAM_MAIN};
use almanac_protocol::free_busy::{BusyDay, BusySpan, BusyState, free_busy_body};
use almanac_protocol::ids::{DeviceId, FrameHash, Incarnation, Signature, VerifyKey};
use almanac_protocol::join::SignedAcceptance;
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{
    CalendarCut, InviteTerms, Link, LinkType, LogView, MemberChange, PukSection, ReplaceRecovery,
    Revoke, Role,
};
use almanac_protocol::message::{ChainHead, Stream};
use almanac_protocol::profile::Profile;
use almanac_protocol::second_factor::{FactorTerms, SecondFactor, TotpSecret};
use almanac_protocol::signed::{Signed, SignedBody, Signer};
use proptest::prelude::*;

use super::joining::Scene;
use super::kits::kit;
use super::people::{Person, SeededRng, Shared};

/// A layout: one that is good, and what reading and writing it again gives.
struct Layout {
    name: &'static str,
    good: Vec<u8>,
    again: fn(&[u8]) -> Option<Vec<u8>>,
}

fn member_change() -> Vec<u8> {
    let (ada, bob) = (Person::new("ada"), Person::new("bob"));
    let mut shared = Shared::new(&ada);
    shared.give(&ada, &bob, Some(Role::Editor));
    let (_, section) = shared.next(Some((bob.id(), None)));
    let cut = |life| CalendarCut {
        device: bob.keys.device_id(),
        incarnation: Incarnation::from_bytes([life; 8]),
        head: ChainHead {
            seq: 1,
            hash: FrameHash::from_bytes([life; 32]),
        },
    };
    let change = MemberChange {
        account: bob.id(),
        role: None,
        view: bob.log.view(),
        invite: None,
        cuts: vec![cut(1), cut(2)],
        rotation: Some(section),
    };
    change.to_bytes()
}

fn free_busy_again(body: &[u8]) -> Option<Vec<u8>> {
    let frame = Frame {
        frame_type: FrameType::FreeBusy,
        stream: Stream {
            calendar: almanac_protocol::ids::CalendarId::from_bytes([1; 32]),
            kind: STREAM_MAIN,
        },
        author: DeviceId::from_bytes([2; 32]),
        incarnation: Incarnation::from_bytes([3; 8]),
        seq: 1,
        prev: FrameHash::from_bytes([0; 32]),
        calendar_view: LogView::NONE,
        account_view: LogView::NONE,
        body: body.to_vec(),
    };
    let days = frame.free_busy().ok()?;
    free_busy_body(&days).ok()
}

fn layouts() -> Vec<Layout> {
    let mut ada = Person::new("ada");
    let lost = ada.add_device();
    ada.revoke(&lost);
    let payload = |link: &[u8]| link[196..link.len() - 64].to_vec();
    let revoke = payload(&ada.links[2]);
    let mut grace = Person::new("grace");
    super::kits::put_in_force(&mut grace, &kit("kit"));
    let replace = payload(&grace.links[1]);
    let terms = FactorTerms {
        secret: TotpSecret::from_bytes([1; 20]),
        codes: [[2; 32]; 10],
    };
    let busy = BusySpan {
        start: 60,
        end: 120,
        state: BusyState::Busy,
    };
    let days = [BusyDay::new(1, 1, &[busy]), BusyDay::new(2, 1, &[])];
    let invite = InviteTerms {
        key: VerifyKey::from_bytes([3; 32]),
        role: Role::Viewer,
        expires_ms: 4,
    };
    let layout = |name, good, again| Layout { name, good, again };
    vec![
        layout("MEMBER", member_change(), |b| {
            Some(MemberChange::parse(b).ok()?.to_bytes())
        }),
        layout("INVITE", invite.to_bytes(), |b| {
            Some(InviteTerms::parse(b).ok()?.to_bytes())
        }),
        layout("REVOKE", revoke.clone(), |b| {
            Some(Revoke::parse(b).ok()?.to_bytes())
        }),
        layout("PUK section", revoke[35..].to_vec(), |b| {
            Some(PukSection::parse(b).ok()?.to_bytes())
        }),
        layout("REPLACE_RECOVERY", replace, |b| {
            Some(ReplaceRecovery::parse(b).ok()?.to_bytes())
        }),
        layout("factor terms", terms.to_bytes(), |b| {
            Some(FactorTerms::parse(b).ok()?.to_bytes())
        }),
        layout("second factor", SecondFactor::new(terms).to_bytes(), |b| {
            Some(SecondFactor::parse(b).ok()?.to_bytes())
        }),
        layout(
            "busy times",
            free_busy_body(&days).unwrap(),
            free_busy_again,
        ),
    ]
}

/// One or a few changes: a bit, a byte, bytes taken out or put in.
fn bent(good: &[u8], changes: &[(u8, usize, u8)]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for (kind, at, value) in changes {
        if bytes.is_empty() {
            return bytes;
        }
        let at = at % bytes.len();
        match kind {
            0 => bytes[at] ^= 1 << (value & 7),
            1 => bytes[at] = *value,
            2 => bytes.truncate(at),
            3 => bytes.insert(at, *value),
            _ => drop(bytes.remove(at)),
        }
    }
    bytes
}

fn changes() -> impl Strategy<Value = Vec<(u8, usize, u8)>> {
    prop::collection::vec((0..5_u8, any::<usize>(), any::<u8>()), 1..4)
}

#[test]
fn what_is_read_is_what_is_written() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(400));
    for layout in layouts() {
        let Layout { name, good, again } = layout;
        assert_eq!(again(&good).as_ref(), Some(&good), "{name}");
        let outcome = runner.run(&changes(), |changes| {
            let bytes = bent(&good, &changes);
            // What is taken has one form: nothing is skipped, nothing has two meanings.
            if let Some(written) = again(&bytes) {
                prop_assert_eq!(written, bytes, "{}", name);
            }
            Ok(())
        });
        assert_eq!(outcome, Ok(()), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn invites_and_acceptances_and_heads_of_backups_answer(
        random in prop::collection::vec(any::<u8>(), 0..2_000),
        text in "\\PC{0,400}",
    ) {
        prop_assert!(SignedAcceptance::parse(&random).is_err());
        prop_assert!(look(&random).is_err());
        prop_assert!(text.parse::<CalendarInvite>().is_err());
        let in_letters = format!("ALM1{}", almanac_protocol::codes::base32(&random));
        prop_assert!(in_letters.parse::<CalendarInvite>().is_err());
        prop_assert!(Signed::<Profile>::parse(&random).is_err() || random.first() == Some(&1));
    }
}

#[test]
fn a_head_of_a_backup_has_one_form() {
    let mut rng = SeededRng::new("backup");
    let ours = kit("kit");
    let lock = BackupLock::Either("correct horse", Cost::LEAST, ours.keys().bundle());
    let (header, _) = begin(&mut rng, &super::backups::label(), lock).unwrap();
    for end in 0..header.len() {
        assert!(look(&header[..end]).is_err(), "{end}");
    }
    assert!(look(&[&header[..], &[0]].concat()).is_err());
}

/// A signature made for one purpose is none for any other: each kind of body, signed by the right
/// device for every purpose there is.
#[test]
fn of_all_purposes_only_the_right_one_passes() {
    let scene = Scene::new();
    let (ada, log) = (&scene.ada, &scene.shared.log);
    let link = Link {
        link_type: LinkType::Policy,
        log: log.id().into(),
        seq: log.count(),
        prev: log.view().head,
        device: ada.keys.device_id(),
        account: ada.id(),
        view: ada.log.view(),
        time_ms: 1,
        payload: vec![1],
    };
    let profile = Profile {
        calendar: log.id(),
        account: ada.id(),
        device: ada.keys.device_id(),
        view: ada.log.view(),
        counter: 1,
        colour: [0; 3],
        name: "Ada".to_owned(),
    };
    let signed_profile = profile.sign(&ada.keys).unwrap();
    let profile_body = &signed_profile[..signed_profile.len() - Signature::LEN];
    let acceptance = scene.acceptance();
    for purpose in Purpose::ALL {
        let sign = |body: &[u8]| {
            let signature = ada.keys.sign(purpose, body);
            [body, signature.as_bytes()].concat()
        };
        let mut fresh = log.clone();
        let taken = fresh.append(&sign(&link.to_bytes()), &scene.shared.accounts);
        assert_eq!(
            taken.is_ok(),
            purpose == Purpose::Link,
            "a link as {purpose:?}"
        );
        let read = Signed::<Profile>::parse(&sign(profile_body)).unwrap();
        let passes = read.verify(&ada.keys.verify_key()).is_ok();
        assert_eq!(
            passes,
            purpose == Profile::PURPOSE,
            "a profile as {purpose:?}"
        );
        let signature = scene.invite.key().sign(purpose, &acceptance[..174]);
        let mut bytes = acceptance.clone();
        bytes[174..238].copy_from_slice(signature.as_bytes());
        let passes = SignedAcceptance::parse(&bytes).is_ok();
        assert_eq!(
            passes,
            purpose == Purpose::InviteAccept,
            "an acceptance as {purpose:?}"
        );
    }
}
