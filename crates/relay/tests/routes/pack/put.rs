//! PACK_PUT.

use almanac_protocol::ids::{RelayEpoch, StreamHash};
use almanac_protocol::message::{Position, Reason};
use almanac_protocol::pack::{PackAddress, blob_name};

use super::{Scene, chunk, get_chunk, manifest_of, put_pack};

#[tokio::test]
async fn a_pack_is_read_back_as_it_was_left() {
    let mut scene = Scene::new().await;
    let chunks = vec![chunk(1), chunk(2)];
    scene.upload(&chunks).await;
    let manifest = scene.manifest(&chunks).await;
    put_pack(&mut scene.socket, &manifest).await.unwrap();
    put_pack(&mut scene.socket, &manifest)
        .await
        .expect("the answer was lost");
    let packs = scene.packs().await;
    assert_eq!(packs.packs.len(), 1);
    let ticket = packs.ticket.to_vec();
    let (_, read) = get_chunk(&scene.world, &ticket, &blob_name(&manifest), "").await;
    assert_eq!(read, manifest);
    let shown = almanac_relay::inspect(scene.world.folder()).unwrap();
    assert_eq!(shown.streams[0].packs.len(), 1);
    assert!(shown.to_string().contains("not confirmed"));
}

#[tokio::test]
async fn fault_34_a_pack_whose_chunks_are_not_all_there_is_no_pack() {
    let mut scene = Scene::new().await;
    let chunks = vec![chunk(1), chunk(2)];
    scene.upload(&chunks[..1]).await;
    let manifest = scene.manifest(&chunks).await;
    let refused = put_pack(&mut scene.socket, &manifest).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Unknown);
    // The relay goes down between the chunks and the pack.
    let Scene {
        world,
        ada,
        calendar,
        end,
        ..
    } = scene;
    let world = world.restart().await;
    let socket = world.enter(&ada).await;
    let mut scene = Scene {
        world,
        ada,
        calendar,
        socket,
        end,
    };
    assert_eq!(scene.packs().await.packs, []);
    let ticket = scene.packs().await.ticket.to_vec();
    let name = blob_name(&chunks[0]);
    let again = super::put_chunk(&scene.world, &ticket, &name, 0, b"again").await;
    assert!(again.starts_with("HTTP/1.1 409 "), "it need not come again");
    scene.upload(&chunks[1..]).await;
    let manifest = scene.manifest(&chunks).await;
    put_pack(&mut scene.socket, &manifest).await.unwrap();
    assert_eq!(scene.packs().await.packs.len(), 1);
}

#[tokio::test]
async fn a_pack_says_who_made_it_of_what_or_is_refused() {
    let mut scene = Scene::new().await;
    let chunks = vec![chunk(1)];
    scene.upload(&chunks).await;
    let right = PackAddress {
        epoch: 1,
        device: scene.ada.device,
        relay_epoch: scene.relay_epoch().await,
        position: scene.end,
    };
    let elsewhere = |rseq, hash| PackAddress {
        position: Position {
            rseq,
            hash,
            ..right.position
        },
        ..right
    };
    let (second, _) = scene.second_device().await;
    for (address, reason) in [
        (PackAddress { epoch: 2, ..right }, Reason::Unknown),
        (PackAddress { epoch: 0, ..right }, Reason::EpochOld),
        (
            PackAddress {
                device: second.device,
                ..right
            },
            Reason::Forbidden,
        ),
        (
            PackAddress {
                relay_epoch: RelayEpoch::from_bytes([9; 16]),
                ..right
            },
            Reason::Conflict,
        ),
        (elsewhere(4, right.position.hash), Reason::Conflict),
        (elsewhere(2, right.position.hash), Reason::Conflict),
        (
            elsewhere(0, StreamHash::from_bytes([0; 32])),
            Reason::Conflict,
        ),
    ] {
        let manifest = manifest_of(&scene.ada, address, &chunks);
        let refused = put_pack(&mut scene.socket, &manifest).await.unwrap_err();
        assert_eq!(refused.reason, reason, "{address:?}");
    }
    let forged = manifest_of(&second, right, &chunks);
    let refused = put_pack(&mut scene.socket, &forged).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Malformed);
    let manifest = manifest_of(&scene.ada, right, &chunks);
    assert_eq!(put_pack(&mut scene.socket, &manifest).await, Ok(()));
}

#[tokio::test]
async fn fault_33_two_packs_at_once_are_both_kept_and_a_third_takes_the_oldest_place() {
    let mut scene = Scene::new().await;
    let first = scene.pack(1).await;
    let second = scene.pack(2).await;
    let names = |packs: &almanac_protocol::message::Packs| {
        packs.packs.iter().map(|pack| pack.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&scene.packs().await), [second, first]);
    let third = scene.pack(3).await;
    assert_eq!(names(&scene.packs().await), [third, second]);
}
