//! The folder of a relay: what it refuses, and that nothing in it can be read.

use std::net::SocketAddr;

use almanac_relay::{DatabaseError, Options, Relay, StartError, inspect};

use crate::world::World;

async fn start(folder: &std::path::Path, listen: &str) -> Result<Relay, StartError> {
    let listen: SocketAddr = listen.parse().expect("an address");
    Relay::start(Options {
        data_dir: folder.to_owned(),
        listen,
        origins: vec![],
    })
    .await
}

#[tokio::test]
async fn one_relay_runs_on_a_folder() {
    let world = World::start().await;
    let second = start(world.folder(), "127.0.0.1:0").await;
    assert!(matches!(second, Err(StartError::Locked(_))));
}

#[tokio::test]
async fn other_machines_cannot_reach_a_relay_without_encryption() {
    let folder = tempfile::tempdir().unwrap();
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8440"] {
        let refused = start(folder.path(), listen).await;
        assert!(
            matches!(refused, Err(StartError::NotLoopback(_))),
            "{listen}"
        );
    }
    assert!(!folder.path().join("relay.db").exists());
}

#[tokio::test]
async fn a_damaged_database_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("relay.db"), [1; 4096]).unwrap();
    let refused = start(folder.path(), "127.0.0.1:0").await;
    let is_corrupt = matches!(
        refused,
        Err(StartError::Database {
            source: DatabaseError::Corrupt,
            ..
        })
    );
    assert!(is_corrupt);
}

#[tokio::test]
async fn a_restarted_relay_is_the_same_one() {
    let world = World::start().await;
    let before = inspect(world.folder()).unwrap();
    let world = world.restart().await;
    assert_eq!(inspect(world.folder()).unwrap(), before);
}

#[tokio::test]
async fn the_inventory_names_all_that_is_stored() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    socket.push(&[ada.envelope(&calendar, 1)]).await.unwrap();
    let inventory = inspect(world.folder()).unwrap();
    assert_eq!(inventory.accounts[0].account, ada.account().to_string());
    assert_eq!(inventory.accounts[0].devices, [ada.device.to_string()]);
    assert_eq!(
        inventory.calendars[0].members,
        [(ada.account().to_string(), 4)]
    );
    let types: Vec<_> = inventory
        .logs
        .iter()
        .flat_map(|log| &log.links)
        .map(|link| &*link.link_type)
        .collect();
    assert_eq!(types, ["AccountGenesis", "CalendarGenesis"]);
    let envelope = &inventory.streams[0].envelopes[0];
    assert_eq!(
        (envelope.rseq, envelope.epoch, envelope.bytes),
        (1, 1, 116 + 528)
    );
    assert_eq!(envelope.sealed_start, "01".repeat(24));
    let used: Vec<_> = inventory
        .invites
        .iter()
        .map(|invite| invite.is_used)
        .collect();
    assert_eq!(used.iter().filter(|is_used| **is_used).count(), 1);

    let text = inventory.to_string();
    for part in [
        ada.device.to_string(),
        calendar.log().to_string(),
        "1 sealed keys".into(),
    ] {
        let is_there = text.contains(&part);
        assert_eq!(is_there, part != "1 sealed keys", "{part}");
    }
    // No code can be had from what is stored.
    let code = world.relay.owner_invite().unwrap().replace('-', "");
    let stored = std::fs::read(world.folder().join("relay.db")).unwrap();
    let log = std::fs::read(world.folder().join("relay.db-wal")).unwrap();
    let holds = |bytes: &[u8]| {
        bytes
            .windows(code.len())
            .any(|part| part == code.as_bytes())
    };
    assert!(!holds(&stored) && !holds(&log));
}
