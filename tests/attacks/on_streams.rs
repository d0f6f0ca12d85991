//! A relay, or someone on the way, that swaps, replays, rolls back and transplants.

use almanac_crypto::envelope::{OpenError, open};
use almanac_crypto::epoch::next_epoch;
use almanac_crypto::secret::BackupSecret;
use almanac_crypto::stream::{CHUNK_BYTES, SEALED_CHUNK_BYTES, open_all, seal_all};
use almanac_protocol::chain::{Author, Chains, Verdict};
use almanac_protocol::frame::STREAM_FREE_BUSY;
use almanac_protocol::ids::ChangeHash;
use almanac_protocol::membership::LinkError;
use almanac_protocol::message::Stream;
use proptest::prelude::*;

use super::cast::{Ada, Calendar};

fn chains_of(ada: &Ada, calendar: &Calendar, count: u64) -> Vec<Vec<u8>> {
    let mut frames: Vec<Vec<u8>> = Vec::new();
    for seq in 1..=count {
        let mut frame = ada.frame(calendar, seq, &[ChangeHash::from_bytes([1; 32])]);
        if let Some(last) = frames.last() {
            frame.prev = almanac_protocol::frame::frame_hash(last);
        }
        frames.push(frame.sign(&ada.keys).unwrap());
    }
    frames
}

#[test]
fn attack_01_swapping_envelopes_between_streams() {
    let mut ada = Ada::new(1);
    let calendars = [ada.calendar(1), ada.calendar(2)];
    let mut envelopes = Vec::new();
    for (at, calendar) in calendars.iter().enumerate() {
        for seq in 1..=5_u8 {
            envelopes.push((at, ada.envelope(calendar, seq.into(), &[vec![seq; 40]])));
        }
    }
    for (made_for, envelope) in &envelopes {
        for (asked, calendar) in calendars.iter().enumerate() {
            let opened = open(&calendar.keys, calendar.stream(), envelope);
            assert_eq!(opened.is_ok(), *made_for == asked);
            let free_busy = Stream {
                kind: STREAM_FREE_BUSY,
                ..calendar.stream()
            };
            assert_eq!(
                open(&calendar.keys, free_busy, envelope).err(),
                Some(OpenError::OtherStream)
            );
        }
    }
    // The relay rewrites the label, so that the check of the stream passes: the cipher sees it.
    let mut relabelled = envelopes[0].1.clone();
    relabelled[4..36].copy_from_slice(calendars[1].log.id().as_bytes());
    let opened = open(&calendars[1].keys, calendars[1].stream(), &relabelled);
    assert_eq!(opened.err(), Some(OpenError::Cipher));
    for at in 0..envelopes[0].1.len() {
        let mut bent = envelopes[0].1.clone();
        bent[at] ^= 0x20;
        assert!(
            open(&calendars[0].keys, calendars[0].stream(), &bent).is_err(),
            "byte {at}"
        );
    }
}

proptest! {
    #[test]
    fn attack_02_swapping_fields_of_one_action(
        first in any::<prop::sample::Index>(),
        second in any::<prop::sample::Index>(),
        length in 1_usize..32,
    ) {
        let mut ada = Ada::new(1);
        let calendar = ada.calendar(1);
        let change: Vec<u8> = (0..200).collect();
        let envelope = ada.envelope(&calendar, 1, &[change]);
        let hashes: Vec<_> = (0..20).map(|i| ChangeHash::from_bytes([i; 32])).collect();
        let frame = ada.frame(&calendar, 1, &hashes).sign(&ada.keys).unwrap();
        prop_assert!(ada.verify(&frame).is_ok());
        for (whole, is_frame) in [(frame, true), (envelope, false)] {
            let (a, b) = (first.index(whole.len() - length), second.index(whole.len() - length));
            let mut swapped = whole.clone();
            swapped[a..a + length].copy_from_slice(&whole[b..b + length]);
            swapped[b..b + length].copy_from_slice(&whole[a..a + length]);
            if swapped == whole {
                continue;
            }
            let is_taken = if is_frame {
                ada.verify(&swapped).is_ok()
            } else {
                open(&calendar.keys, calendar.stream(), &swapped).is_ok()
            };
            prop_assert!(!is_taken);
        }
    }
}

#[test]
fn attack_04_chunks_reordered_removed_or_cut_off() {
    let secret = BackupSecret::from_bytes([8; 32]);
    let content = vec![7; 3 * CHUNK_BYTES + 100];
    let sealed = seal_all(&secret, b"header", &content).unwrap();
    assert_eq!(*open_all(&secret, b"header", &sealed).unwrap(), content);
    let chunks: Vec<&[u8]> = sealed.chunks(SEALED_CHUNK_BYTES).collect();
    let attempts: [&[usize]; 8] = [
        &[1, 0, 2, 3],
        &[0, 2, 1, 3],
        &[0, 1, 3],
        &[0, 1, 2],
        &[0, 1],
        &[0, 1, 2, 3, 3],
        &[0, 0, 1, 2, 3],
        &[3],
    ];
    for order in attempts {
        let bytes: Vec<u8> = order.iter().flat_map(|at| chunks[*at]).copied().collect();
        assert!(open_all(&secret, b"header", &bytes).is_err(), "{order:?}");
    }
    assert!(open_all(&secret, b"another", &sealed).is_err());
    assert!(open_all(&secret, b"header", &sealed[..sealed.len() - 1]).is_err());
}

#[test]
fn attack_05_replaying_old_envelopes_and_frames() {
    let mut ada = Ada::new(1);
    let calendar = ada.calendar(1);
    let frames = chains_of(&ada, &calendar, 3);
    let mut chains = Chains::new(calendar.stream());
    let accept = |chains: &mut Chains, at: usize| chains.accept(&ada.verify(&frames[at]).unwrap());
    assert_eq!(accept(&mut chains, 1), Verdict::Gap { missing_from: 1 });
    for at in 0..3 {
        assert_eq!(accept(&mut chains, at), Verdict::New);
    }
    let author = Author {
        device: ada.keys.device_id(),
        incarnation: ada.incarnation,
    };
    let head = chains.head(&author);
    for at in [0, 2, 1, 0] {
        assert_eq!(accept(&mut chains, at), Verdict::Duplicate);
    }
    assert_eq!(chains.head(&author), head);
}

#[test]
fn attack_06_leaving_out_and_reordering_frames() {
    let mut ada = Ada::new(1);
    let calendar = ada.calendar(1);
    let frames = chains_of(&ada, &calendar, 5);
    let mut chains = Chains::new(calendar.stream());
    let mut accept = |at: usize| chains.accept(&ada.verify(&frames[at]).unwrap());
    assert_eq!(accept(0), Verdict::New);
    // What comes after something that is missing waits, however often it is shown and in what order.
    for at in [2, 4, 3, 2] {
        assert_eq!(accept(at), Verdict::Gap { missing_from: 2 });
    }
    assert_eq!(accept(1), Verdict::New);
    assert_eq!(accept(4), Verdict::Gap { missing_from: 3 });
    for at in 2..5 {
        assert_eq!(accept(at), Verdict::New);
    }
}

#[test]
fn attack_35_signing_two_frames_under_one_number() {
    let mut ada = Ada::new(1);
    let calendar = ada.calendar(1);
    let frames = chains_of(&ada, &calendar, 3);
    let mut chains = Chains::new(calendar.stream());
    for frame in &frames {
        assert_eq!(chains.accept(&ada.verify(frame).unwrap()), Verdict::New);
    }
    let author = Author {
        device: ada.keys.device_id(),
        incarnation: ada.incarnation,
    };
    let head = chains.head(&author);
    // A copy of the device signs another frame under a number that is taken: both are proof.
    let mut other = ada.frame(&calendar, 2, &[ChangeHash::from_bytes([2; 32])]);
    other.prev = almanac_protocol::frame::frame_hash(&frames[0]);
    let other = ada.verify(&other.sign(&ada.keys).unwrap()).unwrap();
    let verdict = chains.accept(&other);
    assert!(
        matches!(verdict, Verdict::Fork { seq: 2, .. }),
        "{verdict:?}"
    );
    assert_eq!(chains.head(&author), head);
}

/// A calendar and two links that could each come next.
fn two_next_links() -> (Ada, Calendar, [Vec<u8>; 2]) {
    let mut ada = Ada::new(1);
    let calendar = ada.calendar(1);
    let member = ada.member();
    let links = [(); 2].map(|()| {
        let (log, secret) = (&calendar.log, &calendar.secret);
        let (_, section) = next_epoch(&mut ada.rng, log, secret, vec![member]).unwrap();
        log.rotate(&ada.keys, &ada.account, &section, 3).unwrap()
    });
    (ada, calendar, links)
}

#[test]
fn attack_09_rolling_a_membership_log_back() {
    let (ada, calendar, [one, other]) = two_next_links();
    let (mut seen, mut shown) = (calendar.log.clone(), calendar.log.clone());
    seen.append(&one, &ada.account).unwrap();
    // The relay shows the log as it was before the rotation.
    let rollback = LinkError::Rollback { seen: 1, found: 0 };
    assert_eq!(seen.reload_ok(&calendar.log), Err(rollback));
    assert_eq!(calendar.log.extends(seen.view()), Err(rollback));
    // Another history is none that goes on where the one seen ends.
    shown.append(&other, &ada.account).unwrap();
    assert_eq!(seen.reload_ok(&shown), Err(LinkError::Fork { seq: 1 }));
}

#[test]
fn attack_10_showing_two_members_two_histories() {
    let (ada, calendar, [one, other]) = two_next_links();
    let (mut seen, mut shown) = (calendar.log.clone(), calendar.log.clone());
    seen.append(&one, &ada.account).unwrap();
    // The first frame that crosses says so.
    shown.append(&other, &ada.account).unwrap();
    let fork = Err(LinkError::Fork { seq: 1 });
    assert_eq!(seen.reload_ok(&shown), fork);
    assert_eq!(seen.append(&other, &ada.account).map(|_| ()), fork);
    let elsewhere = Calendar {
        log: shown,
        secret: calendar.secret,
        keys: calendar.keys,
    };
    let frame = ada.frame(&elsewhere, 1, &[]).sign(&ada.keys).unwrap();
    let frame = ada.verify(&frame).unwrap();
    assert_eq!(seen.consistent(frame.body().calendar_view), fork);
}

#[test]
fn attack_25_transplanting_a_frame_into_another_calendar() {
    let mut ada = Ada::new(1);
    let (here, there) = (ada.calendar(1), ada.calendar(2));
    let frame = ada.frame(&here, 1, &[]).sign(&ada.keys).unwrap();
    let mut chains = Chains::new(there.stream());
    assert_eq!(
        chains.accept(&ada.verify(&frame).unwrap()),
        Verdict::OtherStream
    );
    // A member of both seals it into the other calendar under its own name.
    let content = [almanac_protocol::envelope::FrameWithChanges {
        frame,
        changes: vec![],
    }];
    let address = ada.address(&there, 1);
    let sealed = almanac_crypto::envelope::seal(&mut ada.rng, &there.keys, &address, &content);
    assert!(matches!(sealed, Err(OpenError::Layout(_))), "{sealed:?}");
    // It rewrites the calendar inside the frame instead.
    let mut rewritten = content[0].frame.clone();
    rewritten[2..34].copy_from_slice(there.log.id().as_bytes());
    assert!(ada.verify(&rewritten).is_err());
}
