//! Power cuts of the relay's database: what a client was told to be durable is.

use std::rc::Rc;

use almanac_client::{Client, Mode, Unlock};
use almanac_disk::{Disk, Fault, Promise};
use almanac_relay::{Options, Relay};

use crate::database::RELAY_FILE;
use crate::power_cuts::look;
use crate::profile::event;
use crate::timeline::{Course, Timeline, Whose, Wrong};

/// Edits that a client makes and sends, each until the relay has said that it has it.
const EDITS: u64 = 16;

/// A relay on a disk, and what it acknowledged to a real client.
async fn acknowledged_edits(lies: bool) -> Course {
    let (folder, profile) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let disk = Rc::new(Disk::new(Promise::PowersafeOverwrite));
    disk.mount(folder.path());
    let options = Options {
        data_dir: folder.path().to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        origins: Vec::new(),
    };
    let relay = Relay::start(options).await.unwrap();
    assert!(disk.names().iter().any(|name| name == RELAY_FILE));
    let invite = relay.owner_invite().unwrap().to_owned();
    let unlock = Unlock::passphrase("correct horse battery staple").with_memory_mib(64);
    let client =
        Client::create_profile(&profile.path().join("ada"), "ada laptop", &unlock).unwrap();
    let url = format!("http://{}", relay.addr());
    client.use_relay(&url, &invite).await.unwrap();
    client.sync(Mode::Once).await.unwrap();
    if lies {
        disk.fail(Fault::LyingSync);
    }
    let mut timeline = Timeline::begin(&disk);
    for number in 0..EDITS {
        client
            .create(event(&format!("edit {number}"), "2026-11-23T09:00"))
            .unwrap();
        let status = client.sync(Mode::Once).await.unwrap();
        assert_eq!(status.outbox, 0, "the relay has acknowledged it");
        timeline.acknowledge("an edit that was sent");
    }
    relay.shutdown().await;
    timeline.acknowledge("shut down");
    timeline.course_of(Whose::Relay)
}

fn course(lies: bool) -> Course {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(acknowledged_edits(lies))
}

#[test]
fn fault_03_a_relay_that_loses_power_keeps_every_envelope_it_acknowledged() {
    let wrong = look(&course(false), 1_000, 3);
    assert!(wrong.is_empty(), "{:?}", &wrong[..wrong.len().min(5)]);
}

#[test]
fn a_relay_on_a_disk_that_lies_is_seen_to_lose_acknowledged_envelopes() {
    let wrong = look(&course(true), 300, 3);
    let losses = wrong
        .iter()
        .filter(|(_, _, what)| matches!(what, Wrong::Lost(_)));
    assert!(losses.count() > 10, "{} of 300 are wrong", wrong.len());
}
