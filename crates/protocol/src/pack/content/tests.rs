//! Content there and back, and what is no content.

use miniz_oxide::deflate::compress_to_vec;

use super::read::next_block;
use super::write::{BLOCK_BYTES, LEVEL};
use super::*;
use crate::codec::Writer;
use crate::ids::{FrameHash, LinkHash};
use crate::limits::PACK_BLOCK_BYTES_MAX;

fn view(n: u8) -> LogView {
    LogView {
        seq: n.into(),
        head: LinkHash::from_bytes([n; 32]),
    }
}

fn start() -> Start {
    let head = ChainHead {
        seq: 2,
        hash: FrameHash::from_bytes([9; 32]),
    };
    Start {
        authors: vec![(
            DeviceId::from_bytes([1; 32]),
            Incarnation::from_bytes([2; 8]),
            head,
        )],
        changes: 3,
        near: 1,
    }
}

fn frame(body: PackedBody) -> PackedFrame {
    PackedFrame {
        author: 0,
        frame_type: 1,
        calendar_view: view(3),
        account_view: view(4),
        body,
        signature: Signature::from_bytes([7; 64]),
    }
}

fn content() -> (Vec<u8>, Vec<Block>) {
    let documents = [5, 6].map(|n| DocumentId::from_bytes([n; 16]));
    let changes = vec![
        (documents[0], vec![1; 400]),
        (documents[0], vec![2; 400]),
        (documents[1], (0..=255).collect()),
    ];
    let frames = vec![
        frame(PackedBody::Changes(vec![2, 0])),
        frame(PackedBody::Raw(b"heads".to_vec())),
        frame(PackedBody::Changes(vec![1])),
    ];
    let mut writer = ContentWriter::new(&start());
    for (document, rest) in &changes {
        writer.change(document, rest);
    }
    writer.set_aside(b"an envelope");
    for frame in &frames {
        writer.frame(frame);
    }
    let blocks = vec![
        Block::Start(start()),
        Block::Changes(changes),
        Block::SetAside(vec![b"an envelope".to_vec()]),
        Block::Frames(frames),
    ];
    (writer.finish(), blocks)
}

#[test]
fn content_survives_in_pieces_of_any_size() {
    let (content, blocks) = content();
    for size in [1, 2, 7, 100, content.len()] {
        let mut reader = ContentReader::default();
        let read = content
            .chunks(size)
            .flat_map(|piece| reader.feed(piece).unwrap());
        assert_eq!(read.collect::<Vec<_>>(), blocks, "pieces of {size}");
        assert_eq!(reader.finish(), Ok(()));
    }
}

#[test]
fn content_that_ends_inside_a_block_is_noticed() {
    let (content, blocks) = content();
    let mut ends = vec![];
    while let Some((_, _, used)) =
        next_block(&content[ends.last().copied().unwrap_or(0)..]).unwrap()
    {
        ends.push(ends.last().copied().unwrap_or(0) + used);
    }
    assert_eq!(ends.len(), blocks.len());
    for end in 0..=content.len() {
        let mut reader = ContentReader::default();
        reader.feed(&content[..end]).unwrap();
        assert_eq!(reader.finish().is_ok(), ends.contains(&end), "{end} bytes");
    }
}

#[test]
fn a_block_that_would_unfold_to_more_than_it_may_is_not_unfolded() {
    let bomb = compress_to_vec(&vec![0; PACK_BLOCK_BYTES_MAX], LEVEL);
    let block = |kind: u8, plain: usize, packed: &[u8]| {
        let length = |n: usize| u32::try_from(n).unwrap();
        let header = Writer::default().u8(kind).u32(length(plain));
        header.tail(packed).finish()
    };
    let refused = |bytes: &[u8]| ContentReader::default().feed(bytes).unwrap_err();
    let honest = block(START, PACK_BLOCK_BYTES_MAX, &bomb);
    assert_eq!(
        refused(&honest),
        ContentError::TooLarge(PACK_BLOCK_BYTES_MAX)
    );
    let understated = block(START, bomb.len() * 2, &bomb);
    assert_eq!(refused(&understated), ContentError::Deflate);
    let vast = block(
        START,
        PACK_BLOCK_BYTES_MAX + 1,
        &vec![0; PACK_BLOCK_BYTES_MAX],
    );
    assert!(matches!(refused(&vast), ContentError::TooLarge(_)));
}

#[test]
fn what_shrinks_too_much_is_stored_as_it_is() {
    let mut writer = ContentWriter::new(&start());
    let document = DocumentId::CALENDAR;
    writer.change(&document, &vec![0; BLOCK_BYTES]);
    let content = writer.finish();
    assert!(content.len() > BLOCK_BYTES);
    assert_eq!(ContentReader::default().feed(&content).unwrap().len(), 2);
}

#[test]
fn blocks_out_of_order_and_references_to_nothing_are_refused() {
    let mut reader = ContentReader::default();
    let (content, _) = content();
    let begin = 9 + usize::try_from(u32::from_be_bytes(content[5..9].try_into().unwrap())).unwrap();
    assert_eq!(
        reader.feed(&content[begin..]),
        Err(ContentError::Kind(CHANGES))
    );
    let mut reader = ContentReader::default();
    let twice = [&content[..begin], &content[..begin]].concat();
    assert_eq!(reader.feed(&twice), Err(ContentError::Kind(START)));
    for body in [
        PackedBody::Changes(vec![3]),
        PackedBody::Changes(vec![u32::MAX]),
    ] {
        let mut writer = ContentWriter::new(&start());
        writer.frame(&frame(body));
        let refused = ContentReader::default().feed(&writer.finish());
        assert_eq!(refused, Err(ContentError::Reference));
    }
    let mut writer = ContentWriter::new(&start());
    writer.frame(&PackedFrame {
        author: 1,
        ..frame(PackedBody::Raw(vec![]))
    });
    let refused = ContentReader::default().feed(&writer.finish());
    assert_eq!(refused, Err(ContentError::Reference));
}
