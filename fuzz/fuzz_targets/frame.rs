//! A frame of anything is read and written again to the same bytes; signed by a device it verifies
//! with that device's key and no other bytes do; a chain takes each number once.
//!
//! An input is one or more frames, each behind its length in two bytes. The first byte of each says
//! what is made right before it is signed: 1 the device, 2 the number and what it builds on,
//! 4 the stream.
#![no_main]

use almanac_fuzz::{ADA, set};
use almanac_protocol::chain::{Author, Chains, Verdict};
use almanac_protocol::frame::{Frame, changes_body};
use almanac_protocol::label::Purpose;
use almanac_protocol::signed::{Signed, SignedBody, Signer};
use libfuzzer_sys::fuzz_target;

/// Where the fields stand that an input cannot guess (docs/protocol.md, section 4).
const STREAM: usize = 2;
const DEVICE: usize = 35;
const NUMBER: usize = 75;

fuzz_target!(|input: &[u8]| {
    let ada = &*ADA;
    let mut chains = Chains::new(ada.stream());
    let mut rest = input;
    while let Some(([high, low, fix], after)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (raw, next) = after.split_at(length);
        rest = next;
        let mut body = raw.to_vec();
        if fix & 1 != 0 {
            set(&mut body, DEVICE, ada.keys.device_id().as_bytes());
        }
        if fix & 4 != 0 {
            set(&mut body, STREAM, ada.stream().calendar.as_bytes());
            set(&mut body, STREAM + 32, &[ada.stream().kind]);
        }
        if fix & 2 != 0
            && let Ok(frame) = Frame::parse(&body)
        {
            let head = chains.head(&Author::of(&frame));
            set(&mut body, NUMBER, &(head.seq + 1).to_be_bytes());
            set(&mut body, NUMBER + 8, head.hash.as_bytes());
        }
        let signature = ada.keys.sign(Purpose::Frame, &body);
        let bytes = [&body[..], signature.as_bytes()].concat();
        let Ok(signed) = Signed::<Frame>::parse(&bytes) else {
            continue;
        };
        let verified = signed
            .verify(&ada.keys.verify_key())
            .expect("it is signed by this key");
        let frame = verified.body();
        assert_eq!(frame.to_bytes(), body, "what is read is written the same");
        if let Ok(changes) = frame.changes() {
            assert_eq!(changes_body(&changes).as_ref(), Ok(&frame.body));
        }
        let before = chains.head(&Author::of(frame));
        let verdict = chains.accept(&verified);
        let after = chains.head(&Author::of(frame));
        if verdict == Verdict::New {
            assert_eq!((after.seq, after.hash), (before.seq + 1, verified.hash()));
            assert_eq!(chains.accept(&verified), Verdict::Duplicate);
        } else {
            assert_eq!(before, after, "{verdict:?}");
        }
        // One other bit anywhere and nobody believes it.
        let mut bent = bytes;
        let at = usize::from(*low) * 7 % bent.len();
        bent[at] ^= 1 << (fix & 7);
        if let Ok(signed) = Signed::<Frame>::parse(&bent) {
            assert!(signed.verify(&ada.keys.verify_key()).is_err());
        }
    }
});
