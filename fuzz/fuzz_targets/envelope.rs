//! Headers and bodies of anything: what is read is written again to the same bytes, what is sealed
//! opens to the same frames, and nothing else opens.
//!
//! The first byte chooses: 0 a whole envelope, 1 a body with padding as it comes, 2 items that are
//! padded here, 3 the same with frames that are put together and signed, then sealed and opened.
#![no_main]

use almanac_crypto::envelope;
use almanac_fuzz::{ADA, Rng, set};
use almanac_protocol::envelope::{
    EnvelopeAddress, EnvelopeHeader, EnvelopeKind, FrameWithChanges, decode_body, encode_body,
    padme,
};
use almanac_protocol::frame::{Frame, FrameType};
use almanac_protocol::ids::FrameHash;
use libfuzzer_sys::fuzz_target;

fn address(kind: u8) -> EnvelopeAddress {
    EnvelopeAddress {
        kind: if kind & 4 == 0 {
            EnvelopeKind::Own
        } else {
            EnvelopeKind::Carried
        },
        calendar: ADA.calendar.id(),
        epoch: 1,
        device: ADA.keys.device_id(),
        incarnation: ADA.incarnation,
        first_seq: 1,
    }
}

/// Frames that a device signed, with changes that are anything.
fn frames(kind: u8, input: &[u8]) -> Vec<FrameWithChanges> {
    let ada = &*ADA;
    let one = |(place, part): (u64, &[u8])| {
        let (body, changes) = part.split_at(part.len() / 2);
        let frame = Frame {
            frame_type: FrameType::Unknown(kind),
            stream: ada.stream(),
            author: ada.keys.device_id(),
            incarnation: ada.incarnation,
            seq: place + 1,
            prev: FrameHash::from_bytes([0; 32]),
            calendar_view: ada.calendar.view(),
            account_view: ada.account.view(),
            body: body.to_vec(),
        };
        FrameWithChanges {
            frame: frame.sign(&ada.keys).expect("a short body"),
            changes: changes.chunks(9).map(<[u8]>::to_vec).collect(),
        }
    };
    (0_u64..).zip(input.chunks(64)).map(one).collect()
}

fuzz_target!(|input: &[u8]| {
    let ada = &*ADA;
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    let address = address(*choice);
    match choice % 4 {
        0 => {
            if let Ok((header, body)) = EnvelopeHeader::parse(bytes) {
                assert_eq!([&header.to_bytes(), body].concat(), bytes);
            }
            let mut close = bytes.to_vec();
            set(&mut close, 4, ada.calendar.id().as_bytes());
            set(&mut close, 40, ada.keys.device_id().as_bytes());
            for bytes in [bytes, &close] {
                assert!(envelope::open(&ada.epochs, ada.stream(), bytes).is_err());
            }
        }
        1 => {
            if let Ok(frames) = decode_body(&address, bytes) {
                assert_eq!(encode_body(&frames).as_deref(), Ok(bytes));
            }
        }
        2 => {
            let length = u32::try_from(bytes.len()).expect("inputs are short");
            let mut body = [&length.to_be_bytes(), bytes].concat();
            body.resize(padme(body.len()), 0);
            if let Ok(frames) = decode_body(&address, &body) {
                assert_eq!(encode_body(&frames), Ok(body));
            }
        }
        _ => {
            let frames = frames(*choice, bytes);
            let sealed = envelope::seal(&mut Rng::new(*choice), &ada.epochs, &address, &frames);
            let Ok(sealed) = sealed else {
                assert!(frames.is_empty() || bytes.len() > 100_000);
                return;
            };
            let (found, opened) =
                envelope::open(&ada.epochs, ada.stream(), &sealed).expect("it was sealed for her");
            assert_eq!((found.address, opened), (address, frames));
            let mut bent = sealed;
            let at = bytes.len() * 31 % bent.len();
            bent[at] ^= 1 << (choice >> 5);
            assert!(envelope::open(&ada.epochs, ada.stream(), &bent).is_err());
        }
    }
});
