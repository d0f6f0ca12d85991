//! The order to erase an account and the relay's receipt: `tests/corpus/vectors/erasure.txt`.

use std::fmt::Write as _;
use std::path::Path;

use almanac_protocol::erasure::{EraseOrder, EraseReceipt, order_hash};
use almanac_protocol::ids::RelayEpoch;
use almanac_protocol::label::Purpose;
use almanac_protocol::signed::{Signed, Signer};

use super::people::Person;

/// Ada's order, and the receipt of a relay whose key is that of another device.
fn made() -> (Person, Person, [Vec<u8>; 2]) {
    let (ada, relay) = (Person::new("ada"), Person::new("relay"));
    let order = EraseOrder {
        relay_epoch: RelayEpoch::from_bytes(*b"a relay's epoch."),
        account: ada.id(),
        device: ada.keys.device_id(),
    };
    let order = order.sign(&ada.keys);
    let receipt = EraseReceipt {
        relay_epoch: RelayEpoch::from_bytes(*b"a relay's epoch."),
        account: ada.id(),
        order: order_hash(&order),
        time_ms: 1_700_000_000_000,
        calendars: 2,
        kept: 1,
        envelopes: 30,
        bytes: 40_000,
    };
    let mut signed = receipt.to_bytes();
    let signature = relay.keys.sign(Purpose::Erased, &signed);
    signed.extend(signature.as_bytes());
    (ada, relay, [order, signed])
}

#[test]
fn the_golden_erasure_is_what_this_version_writes_and_reads() {
    let (ada, relay, [order, receipt]) = made();
    let mut text = String::from(
        "# Golden vectors of erasing an account, version 1: order and receipt, as docs/protocol.md\n\
         # lays them out. Written by crates/crypto/tests/sharing from fixed seeds.\n",
    );
    for (name, bytes) in [("erase-order", &order), ("erase-receipt", &receipt)] {
        let digits = bytes.iter().fold(String::new(), |mut digits, byte| {
            write!(digits, "{byte:02x}").unwrap();
            digits
        });
        writeln!(text, "{name} {digits}").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/vectors/erasure.txt");
    if std::env::var_os("ALMANAC_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
    let signed = Signed::<EraseOrder>::parse(&order).unwrap();
    let verified = signed.verify(&ada.keys.verify_key()).unwrap();
    assert_eq!(verified.body().account, ada.id());
    let read = EraseReceipt::verify(&receipt, &relay.keys.verify_key()).unwrap();
    assert_eq!((read.order, read.kept), (order_hash(&order), 1));
}
