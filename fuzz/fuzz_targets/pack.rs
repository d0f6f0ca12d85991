//! Packs of anything: content is read in pieces as it is read whole, never holds more than its
//! limits allow, and comes out again when it is written again; a sealed pack opens to its content
//! and at no other place; manifests and orders verify with their key and no other bit.
//!
//! The first byte chooses how large the pieces are. The rest is content whose blocks may be deflated
//! or not, or, where the first byte is 255, a manifest or an order without its signature.
#![no_main]

use almanac_crypto::gate;
use almanac_crypto::pack::{open, seal};
use almanac_fuzz::ADA;
use almanac_protocol::ids::{RelayEpoch, StreamHash};
use almanac_protocol::label::Purpose;
use almanac_protocol::limits::{PACK_BLOCK_BYTES_MAX, PACK_INFLATE_FACTOR_MAX};
use almanac_protocol::message::Position;
use almanac_protocol::pack::{
    Block, ContentError, ContentReader, ContentWriter, ControlOrder, Manifest, PackAddress,
};
use almanac_protocol::signed::{Signed, Signer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match data {
        [255, rest @ ..] => signed(rest),
        [pieces, rest @ ..] => content(usize::from(*pieces) + 1, rest),
        [] => {}
    }
});

/// What reads as a manifest or an order says the same after it was signed, and nothing else does.
fn signed(body: &[u8]) {
    let with = |purpose| {
        let signature = ADA.keys.sign(purpose, body);
        [body, signature.as_bytes()].concat()
    };
    let key = ADA.keys.verify_key();
    let bytes = with(Purpose::Pack);
    if let Ok(signed) = Signed::<Manifest>::parse(&bytes) {
        let manifest = signed.verify(&key).expect("she signed it").into_body();
        assert_eq!(manifest.sign(&ADA.keys).as_deref(), Ok(&bytes[..]));
        let filled: usize = (0..manifest.chunks.len())
            .map(|number| manifest.content_of(number))
            .sum();
        assert_eq!(u64::try_from(filled), Ok(manifest.content_bytes));
    }
    let bytes = with(Purpose::RelayControl);
    if let Ok(signed) = Signed::<ControlOrder>::parse(&bytes) {
        let order = signed.verify(&key).expect("she signed it").into_body();
        assert_eq!(order.sign(&ADA.keys), bytes);
    }
}

fn content(piece: usize, content: &[u8]) {
    let whole = read(content.len().max(1), content);
    assert_eq!(read(piece, content).is_ok(), whole.is_ok());
    let Ok(blocks) = whole else { return };
    let plain: usize = blocks.iter().map(size).sum();
    assert!(plain <= content.len().saturating_mul(PACK_INFLATE_FACTOR_MAX) * 2);
    for block in &blocks {
        assert!(size(block) <= 2 * PACK_BLOCK_BYTES_MAX);
        if let Block::Changes(changes) = block {
            for (_, rest) in changes {
                if let Ok((bytes, change)) = gate::restore(rest) {
                    assert_eq!(
                        gate::decode(&bytes).map(|known| known.hash()),
                        Ok(change.hash())
                    );
                }
            }
        }
    }
    let Some(written) = write(&blocks) else {
        return;
    };
    let again = read(1000, &written).expect("what was read can be written");
    assert_eq!(merged(&again), merged(&blocks));
    sealed(content);
}

fn read(piece: usize, content: &[u8]) -> Result<Vec<Block>, ContentError> {
    let mut reader = ContentReader::default();
    let mut blocks = Vec::new();
    for piece in content.chunks(piece) {
        blocks.extend(reader.feed(piece)?);
    }
    reader.finish()?;
    Ok(blocks)
}

/// The content of the same blocks, cut anew; nothing where no writer would write it.
fn write(blocks: &[Block]) -> Option<Vec<u8>> {
    let mut blocks = blocks.iter();
    let Some(Block::Start(start)) = blocks.next() else {
        return None;
    };
    let mut writer = ContentWriter::new(start);
    for block in blocks {
        match block {
            Block::Start(_) => return None,
            Block::Changes(changes) => {
                for (document, rest) in changes {
                    writer.change(document, rest);
                }
            }
            Block::SetAside(envelopes) => envelopes.iter().for_each(|one| writer.set_aside(one)),
            Block::Frames(frames) => frames.iter().for_each(|frame| writer.frame(frame)),
        }
    }
    Some(writer.finish())
}

/// The items of neighbouring blocks of one kind together: where they are cut means nothing.
fn merged(blocks: &[Block]) -> Vec<Block> {
    let mut merged: Vec<Block> = Vec::new();
    for block in blocks {
        match (merged.last_mut(), block) {
            (Some(Block::Changes(all)), Block::Changes(more)) => all.extend_from_slice(more),
            (Some(Block::SetAside(all)), Block::SetAside(more)) => all.extend_from_slice(more),
            (Some(Block::Frames(all)), Block::Frames(more)) => all.extend_from_slice(more),
            _ => merged.push(block.clone()),
        }
    }
    merged
}

fn size(block: &Block) -> usize {
    match block {
        Block::Start(start) => start.authors.len() * 80,
        Block::Changes(changes) => changes.iter().map(|(_, rest)| rest.len() + 20).sum(),
        Block::SetAside(envelopes) => envelopes.iter().map(|one| one.len() + 4).sum(),
        Block::Frames(frames) => frames.len() * 150,
    }
}

fn sealed(content: &[u8]) {
    let address = PackAddress {
        epoch: 1,
        device: ADA.keys.device_id(),
        relay_epoch: RelayEpoch::from_bytes([1; 16]),
        position: Position {
            stream: ADA.stream(),
            rseq: 1,
            hash: StreamHash::from_bytes([2; 32]),
        },
    };
    let pack = seal(&ADA.epochs, &ADA.keys, address, content).expect("it has content");
    let signed = Signed::<Manifest>::parse(&pack.manifest).expect("a manifest");
    let manifest = signed
        .verify(&ADA.keys.verify_key())
        .expect("she signed it");
    let manifest = manifest.into_body();
    let opened = open(&ADA.epochs, &manifest, 0, &pack.chunks[0]).expect("her own chunk");
    assert!(content.starts_with(&opened));
    let elsewhere = Manifest {
        address: PackAddress {
            epoch: 1,
            position: Position {
                rseq: 2,
                ..address.position
            },
            ..address
        },
        ..manifest
    };
    assert!(open(&ADA.epochs, &elsewhere, 0, &pack.chunks[0]).is_err());
}
