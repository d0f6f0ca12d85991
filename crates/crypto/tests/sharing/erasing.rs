//! What a relay signs about an account: the receipt of its erasure with the order for it
//! (`tests/corpus/vectors/erasure.txt`), and where its log ends (`voucher.txt`).

use std::fmt::Write as _;
use std::path::Path;

use almanac_protocol::erasure::{EraseOrder, EraseReceipt, order_hash};
use almanac_protocol::ids::RelayEpoch;
use almanac_protocol::label::Purpose;
use almanac_protocol::signed::{Signed, Signer};
use almanac_protocol::voucher::Voucher;

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
        writeln!(text, "{name} {}", digits(bytes)).unwrap();
    }
    is_golden("erasure.txt", &text);
    let signed = Signed::<EraseOrder>::parse(&order).unwrap();
    let verified = signed.verify(&ada.keys.verify_key()).unwrap();
    assert_eq!(verified.body().account, ada.id());
    let read = EraseReceipt::verify(&receipt, &relay.keys.verify_key()).unwrap();
    assert_eq!((read.order, read.kept), (order_hash(&order), 1));
}

#[test]
fn the_golden_voucher_is_what_this_version_writes_and_reads() {
    let (ada, relay, _) = made();
    let voucher = Voucher {
        account: ada.id(),
        view: ada.log.view(),
        relay: relay.keys.verify_key(),
    };
    let mut signed = voucher.to_bytes();
    let signature = relay.keys.sign(Purpose::Voucher, &signed);
    signed.extend(signature.as_bytes());
    let text = format!(
        "# Golden vector of where an account's log ends, version 1, as docs/protocol.md lays it out.\n\
         # Written by crates/crypto/tests/sharing from fixed seeds.\nvoucher {}\n",
        digits(&signed)
    );
    is_golden("voucher.txt", &text);
    assert_eq!(Voucher::verify(&signed), Ok(voucher));
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    })
}

fn is_golden(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/vectors");
    let path = folder.join(name);
    if std::env::var_os("ALMANAC_WRITE_VECTORS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
}
