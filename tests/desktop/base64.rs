//! Pictures arrive from the driver as base 64 (RFC 4648, section 4).

/// The bytes that the text stands for; anything outside the alphabet ends it.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for symbol in text.bytes().map_while(value_of) {
        held = held << 6 | u32::from(symbol);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes
}

fn value_of(symbol: u8) -> Option<u8> {
    match symbol {
        b'A'..=b'Z' => Some(symbol - b'A'),
        b'a'..=b'z' => Some(symbol - b'a' + 26),
        b'0'..=b'9' => Some(symbol - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[test]
fn the_examples_of_the_standard() {
    assert_eq!(decode("Zm9vYmFy"), b"foobar");
    assert_eq!(decode("Zm9vYg=="), b"foob");
    assert_eq!(decode(""), b"");
}
