//! Bytes that nobody made, for every decoder of both crates.

use almanac_crypto::gate;
use almanac_crypto::keep::Keep;
use almanac_crypto::secret::{BackupSecret, DatabaseKey};
use almanac_crypto::slot::slot_mode;
use almanac_crypto::stream::open_all;
use almanac_protocol::boxes::AnyBox;
use almanac_protocol::envelope::{EnvelopeAddress, EnvelopeHeader, EnvelopeKind, decode_body};
use almanac_protocol::frame::Frame;
use almanac_protocol::ids::CalendarId;
use almanac_protocol::limits::MESSAGE_BYTES_MAX;
use almanac_protocol::membership::{AccountLog, CalendarLog, DeviceBundle, RotationSection};
use almanac_protocol::message::Message;
use almanac_protocol::signed::Signed;
use automerge::transaction::Transactable;
use automerge::{AutoCommit, ROOT};
use proptest::prelude::*;

use super::cast::{Ada, newest};

/// Gives the bytes to every decoder there is; how many took them. A message of an unknown kind is
/// skipped by whoever receives it, so it does not count.
fn decode_everywhere(ada: &Ada, bytes: &[u8]) -> usize {
    let address = EnvelopeAddress {
        kind: EnvelopeKind::Own,
        calendar: CalendarId::from_bytes([1; 32]),
        epoch: 1,
        device: ada.keys.device_id(),
        incarnation: ada.incarnation,
        first_seq: 1,
    };
    let keep = Keep::new(&DatabaseKey::from_bytes([1; 32]));
    let taken = [
        Message::decode(bytes).is_ok_and(|found| !matches!(found, Message::Unknown { .. })),
        AccountLog::begin(bytes).is_ok(),
        CalendarLog::begin(bytes, &ada.account).is_ok(),
        Signed::<Frame>::parse(bytes).is_ok(),
        RotationSection::parse(bytes).is_ok(),
        DeviceBundle::parse(bytes).is_ok(),
        AnyBox::parse(bytes).is_ok(),
        EnvelopeHeader::parse(bytes).is_ok(),
        decode_body(&address, bytes).is_ok(),
        gate::decode(bytes).is_ok(),
        slot_mode(bytes).is_ok(),
        keep.unwrap("name", bytes).is_ok(),
        open_all(&BackupSecret::from_bytes([1; 32]), b"", bytes).is_ok(),
    ];
    taken.into_iter().filter(|is_taken| *is_taken).count()
}

/// Peak of the process's address space in KiB, where the system says.
#[cfg(target_os = "linux")]
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmPeak:"))
        .expect("a peak");
    line.trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number")
}

/// Beginnings that lead into a decoder, followed by lengths that claim gigabytes.
fn claims() -> Vec<Vec<u8>> {
    let huge = [0xFF; 64];
    let zeros = |n: usize| vec![0; n];
    vec![
        [&b"ALnk\x01\x01\x01\x01"[..], &zeros(184), &huge].concat(),
        [
            &[1, 1][..],
            &zeros(32),
            &[1],
            &zeros(40),
            &[1; 8],
            &zeros(112),
            &huge,
        ]
        .concat(),
        [&[1, 1, 1, 0][..], &zeros(108), &huge].concat(),
        [&zeros(212)[..], &huge].concat(),
        huge.to_vec(),
        // HELLO whose nonce claims 2^60 bytes; SUB that claims 2^60 streams.
        [&[1, 0xA1, 3, 0x5B, 0x10][..], &zeros(7), &huge].concat(),
        [&[6, 0xA1, 1, 0x9B, 0x10][..], &zeros(7), &huge].concat(),
        // A change that claims 2^63 dependencies.
        [
            &[0x85, 0x6F, 0x4A, 0x83, 0, 0, 0, 0, 1, 74][..],
            &[0xFF; 9],
            &[1],
            &huge,
        ]
        .concat(),
        [&b"ALsl\x01\x01\x03"[..], &huge, &huge].concat(),
    ]
}

#[cfg(target_os = "linux")]
#[test]
fn a_length_that_claims_gigabytes_allocates_nothing() {
    let ada = Ada::new(1);
    decode_everywhere(&ada, &[]);
    let before = peak_kib();
    for bytes in claims() {
        assert_eq!(decode_everywhere(&ada, &bytes), 0, "{bytes:02x?}");
    }
    let grown = peak_kib() - before;
    assert!(grown < 512 * 1024, "{grown} KiB");
}

#[test]
fn bytes_beyond_a_limit_are_refused_unread() {
    let ada = Ada::new(1);
    for begin in claims() {
        let mut bytes = begin;
        bytes.resize(MESSAGE_BYTES_MAX + 1, 0);
        assert_eq!(decode_everywhere(&ada, &bytes), 0);
    }
}

proptest! {
    #[test]
    fn no_decoder_panics_over_random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let ada = Ada::new(1);
        prop_assert!(decode_everywhere(&ada, &bytes) <= 1);
    }

    #[test]
    fn no_decoder_panics_over_bent_bytes(
        which in 0_usize..5,
        bends in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut ada = Ada::new(1);
        let calendar = ada.calendar(7);
        let mut document = AutoCommit::new();
        document.put(ROOT, "title", "lunch").unwrap();
        let change = newest(&mut document).raw_bytes().to_vec();
        let frame = ada.frame(&calendar, 1, &[]).sign(&ada.keys).unwrap();
        let mut bytes = match which {
            0 => ada.envelope(&calendar, 1, std::slice::from_ref(&change)),
            1 => ada.epoch_box(&calendar),
            2 => frame,
            3 => calendar.log.epoch_now().section.to_bytes(),
            _ => change,
        };
        for (place, value) in bends {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        prop_assert!(decode_everywhere(&ada, &bytes) <= 1);
        bytes.truncate(cut.index(bytes.len()));
        prop_assert!(decode_everywhere(&ada, &bytes) <= 1);
    }

    #[test]
    fn an_envelope_of_random_bytes_never_opens(body in prop::collection::vec(any::<u8>(), 528)) {
        let mut ada = Ada::new(1);
        let calendar = ada.calendar(7);
        let header = EnvelopeHeader {
            address: ada.address(&calendar, 1),
            nonce: [3; 24],
            body_bytes: 528,
        };
        let bytes = [header.to_bytes(), body].concat();
        let opened = almanac_crypto::envelope::open(&calendar.keys, calendar.stream(), &bytes);
        prop_assert_eq!(opened.err(), Some(almanac_crypto::envelope::OpenError::Cipher));
    }
}
