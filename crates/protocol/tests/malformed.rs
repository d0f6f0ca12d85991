//! Bytes that nobody made: every decoder answers, none panics.

use almanac_protocol::boxes::AnyBox;
use almanac_protocol::codes::{InviteCode, RoutingCode};
use almanac_protocol::envelope::{
    EnvelopeAddress, EnvelopeHeader, EnvelopeKind, decode_body, padme,
};
use almanac_protocol::frame::{Frame, FrameType, STREAM_MAIN};
use almanac_protocol::ids::{CalendarId, DeviceId, FrameHash, Incarnation};
use almanac_protocol::membership::{AccountLog, DeviceBundle, Link, LogView, RotationSection};
use almanac_protocol::message::{Message, Stream};
use almanac_protocol::pack::{ContentReader, ControlOrder, Manifest};
use almanac_protocol::signed::Signed;
use proptest::prelude::*;

/// Random bytes behind a beginning that lets them into a decoder.
fn bytes_after(prefix: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..1500).prop_map(move |tail| [prefix, &tail].concat())
}

/// A frame in which only the body matters.
fn frame() -> Frame {
    Frame {
        frame_type: FrameType::Changes,
        stream: Stream {
            calendar: CalendarId::from_bytes([1; 32]),
            kind: STREAM_MAIN,
        },
        author: DeviceId::from_bytes([2; 32]),
        incarnation: Incarnation::from_bytes([3; 8]),
        seq: 1,
        prev: FrameHash::from_bytes([0; 32]),
        calendar_view: LogView::NONE,
        account_view: LogView::NONE,
        body: Vec::new(),
    }
}

proptest! {
    #[test]
    fn links_answer(bytes in bytes_after(b"ALnk\x01\x01\x01\x01")) {
        prop_assert!(AccountLog::begin(&bytes).is_err());
        if let Ok(link) = Signed::<Link>::parse(&bytes) {
            prop_assert!(link.log_id() != almanac_protocol::ids::LogId::from_bytes([0; 32]));
        }
    }

    #[test]
    fn frames_answer(bytes in bytes_after(b"\x01\x01")) {
        if let Ok(frame) = Signed::<Frame>::parse(&bytes) {
            prop_assert!(frame.seq() > 0);
        }
    }

    #[test]
    fn what_reads_as_heads_writes_the_same_bytes(
        fixed in prop::collection::vec(any::<u8>(), 64),
        mut logs in prop::collection::vec(prop::collection::vec(any::<u8>(), 72), 0..4),
        mut authors in prop::collection::vec(prop::collection::vec(any::<u8>(), 81), 0..4),
        disorder in 0_u8..4,
        cut in 0_usize..4,
    ) {
        logs.sort();
        authors.sort();
        if disorder & 1 != 0 {
            logs.reverse();
        }
        if disorder & 2 != 0 {
            authors.reverse();
        }
        let count = |list: &[Vec<u8>]| u16::try_from(list.len()).unwrap().to_be_bytes();
        let mut body = [&fixed[..], &count(&logs), &logs.concat()].concat();
        body.extend([&count(&authors)[..], &authors.concat()].concat());
        body.truncate(body.len() - cut);
        let is_in_order = (disorder & 1 == 0 || logs.len() < 2)
            && (disorder & 2 == 0 || authors.len() < 2);
        let frame = Frame {
            frame_type: FrameType::Heads,
            body: body.clone(),
            ..frame()
        };
        match frame.heads() {
            Ok(heads) => prop_assert_eq!(heads.to_body().unwrap(), body),
            Err(error) => prop_assert!(cut > 0 || !is_in_order, "{error}"),
        }
    }

    #[test]
    fn what_reads_as_a_rotation_writes_the_same_bytes(
        bytes in prop::collection::vec(any::<u8>(), 214),
        count in 0_u8..3,
    ) {
        let mut bytes = bytes;
        bytes[212..214].copy_from_slice(&[0, count]);
        bytes.resize(214 + usize::from(count) * 37, 2);
        if let Ok(section) = RotationSection::parse(&bytes) {
            prop_assert_eq!(section.to_bytes(), bytes);
        }
    }

    #[test]
    fn bundles_and_boxes_answer(bytes in prop::collection::vec(any::<u8>(), 1200..1300)) {
        prop_assert!(DeviceBundle::parse(&bytes).is_err() || bytes.len() == DeviceBundle::LEN);
        if let Ok(found) = AnyBox::parse(&bytes) {
            prop_assert!(bytes.starts_with(&[1, 1]), "{:?}", found.log());
        }
    }

    #[test]
    fn envelopes_answer(bytes in bytes_after(b"\x01\x01\x01\x00")) {
        if let Ok((header, body)) = EnvelopeHeader::parse(&bytes) {
            prop_assert_eq!([&header.to_bytes(), body].concat(), bytes);
        }
    }

    #[test]
    fn bodies_answer(content in prop::collection::vec(any::<u8>(), 0..600)) {
        let address = EnvelopeAddress {
            kind: EnvelopeKind::Own,
            calendar: CalendarId::from_bytes([1; 32]),
            epoch: 1,
            device: DeviceId::from_bytes([2; 32]),
            incarnation: Incarnation::from_bytes([3; 8]),
            first_seq: 1,
        };
        let length = u32::try_from(content.len()).unwrap();
        let mut bytes = [&length.to_be_bytes()[..], &content].concat();
        bytes.resize(padme(bytes.len()), 0);
        prop_assert!(decode_body(&address, &bytes).is_err());
        prop_assert!(decode_body(&address, &content).is_err());
    }

    #[test]
    fn messages_answer(kind in 0_u8..52, fields in prop::collection::vec(any::<u8>(), 0..400)) {
        let bytes = [&[kind][..], &fields].concat();
        if let Ok(message) = Message::decode(&bytes) {
            prop_assert_eq!(Message::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn manifests_and_orders_answer(
        manifest in bytes_after(b"ALpk\x01\x01\x01\x00"),
        order in prop::collection::vec(any::<u8>(), 170..190),
    ) {
        let _ = Signed::<Manifest>::parse(&manifest);
        let _ = Signed::<ControlOrder>::parse(&order);
    }

    #[test]
    fn content_answers_the_same_in_pieces_of_any_size(
        blocks in prop::collection::vec(
            (1_u8..5, 0_u32..200, prop::collection::vec(any::<u8>(), 0..200), any::<bool>()),
            0..5,
        ),
        piece in 1_usize..300,
    ) {
        let mut content = Vec::new();
        for (kind, length, bytes, is_stored) in blocks {
            let packed = u32::try_from(bytes.len()).unwrap();
            let plain = if is_stored { packed } else { length };
            content.push(kind);
            content.extend(plain.to_be_bytes());
            content.extend(packed.to_be_bytes());
            content.extend(bytes);
        }
        let read = |piece: usize| {
            let mut reader = ContentReader::default();
            let mut blocks = Vec::new();
            for part in content.chunks(piece) {
                blocks.extend(reader.feed(part)?);
            }
            reader.finish().map(|()| blocks)
        };
        let whole = read(content.len().max(1));
        prop_assert_eq!(read(piece).is_ok(), whole.is_ok());
        if let Ok(blocks) = whole {
            prop_assert_eq!(read(piece), Ok(blocks));
        }
    }

    #[test]
    fn codes_answer(text in "\\PC{0,40}") {
        if let Ok(code) = text.parse::<RoutingCode>() {
            prop_assert_eq!(code.to_string().parse(), Ok(code));
        }
        if let Ok(code) = text.parse::<InviteCode>() {
            prop_assert_eq!(code.to_string().parse(), Ok(code));
        }
    }
}
