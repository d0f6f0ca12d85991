//! REGISTER.

use almanac_protocol::message::{Reason, Register};
use minicbor::bytes::ByteVec;

use crate::world::{Person, Socket, World};

#[tokio::test]
async fn an_invite_makes_one_account() {
    let world = World::start().await;
    let invite = world.relay.owner_invite().unwrap().to_owned();
    let (ada, bob) = (Person::new(1), Person::new(2));

    let mut socket = world.connect().await;
    let welcome = socket
        .register(&ada, &world.origin(), &invite.to_lowercase())
        .await
        .unwrap();
    assert_eq!(
        (welcome.used_bytes, welcome.calendars, welcome.version_min),
        (0, vec![], 1)
    );

    let mut socket = world.connect().await;
    let refused = socket.register(&bob, &world.origin(), &invite).await;
    assert_eq!(refused, Err(Reason::InviteInvalid));

    let again = world.enter(&ada).await;
    drop(again);
}

#[tokio::test]
async fn a_wrong_invite_is_refused() {
    let world = World::start().await;
    for invite in ["", "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ", "not a code at all"] {
        let mut socket = world.connect().await;
        let refused = socket
            .register(&Person::new(1), &world.origin(), invite)
            .await;
        assert_eq!(refused, Err(Reason::InviteInvalid), "{invite}");
    }
}

#[tokio::test]
async fn a_failed_registration_leaves_the_invite_unused() {
    let world = World::start().await;
    let (ada, bob) = (Person::new(1), Person::new(2));
    let invite = world.invite();

    let mut socket = world.connect().await;
    let challenge = socket.hello(Some(&ada), &world.origin()).await;
    let signature = Socket::proof(&ada, &world.origin(), &challenge);
    let links = bob.links.iter().cloned().map(ByteVec::from).collect();
    socket
        .send(Register {
            invite: invite.clone(),
            links,
            signature,
        })
        .await;
    assert_eq!(socket.welcome().await, Err(Reason::AuthFailed));

    let mut socket = world.connect().await;
    let challenge = socket.hello(Some(&ada), &world.origin()).await;
    let signature = Socket::proof(&bob, &world.origin(), &challenge);
    let links = ada.links.iter().cloned().map(ByteVec::from).collect();
    socket
        .send(Register {
            invite: invite.clone(),
            links,
            signature,
        })
        .await;
    assert_eq!(socket.welcome().await, Err(Reason::AuthFailed));

    let mut socket = world.connect().await;
    assert!(
        socket
            .register(&ada, &world.origin(), &invite)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn an_account_is_created_once() {
    let world = World::start().await;
    let ada = Person::new(1);
    world.register(&ada).await;
    let invite = world.invite();
    let mut socket = world.connect().await;
    let refused = socket.register(&ada, &world.origin(), &invite).await;
    assert_eq!(refused, Err(Reason::AuthFailed));
    let mut socket = world.connect().await;
    assert!(
        socket
            .register(&Person::new(2), &world.origin(), &invite)
            .await
            .is_ok()
    );
}
