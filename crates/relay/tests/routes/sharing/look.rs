//! INVITE_LOOK.

use almanac_protocol::membership::Role;
use almanac_protocol::message::Reason;

use super::stage::{InviteKey, LATER_MS, Stage, links, look};
use crate::world::start;

#[tokio::test]
async fn who_holds_an_open_invite_reads_the_logs_on_this_connection_alone() {
    let mut stage = Stage::new().await;
    let (bob, mut socket) = stage.person(2).await;
    let key = InviteKey::new(9);
    stage.invite(&key, Role::Editor, LATER_MS).await;
    let (calendar, ada) = (stage.id(), stage.ada.account());

    let unseen = links(&mut socket, calendar).await;
    assert_eq!(unseen.err(), Some(Reason::Forbidden));
    look(&stage, &mut socket, &bob, &key).await.unwrap();
    assert_eq!(links(&mut socket, calendar).await.unwrap().links.len(), 2);
    assert_eq!(links(&mut socket, ada).await.unwrap().links.len(), 1);
    // Another connection of the same device has shown nothing.
    let mut other = stage.world.enter(&bob).await;
    let unseen = links(&mut other, calendar).await;
    assert_eq!(unseen.err(), Some(Reason::Forbidden));
    // Who looks is no member: the streams stay shut.
    let stream = stage.calendar().main();
    assert!(socket.subscribe(start(stream)).await.is_empty());
}

#[tokio::test]
async fn an_invite_that_is_over_used_or_ended_shows_nothing_also_later() {
    let mut stage = Stage::new().await;
    let (bob, mut socket) = stage.person(2).await;
    let (over, ended, used) = (InviteKey::new(7), InviteKey::new(8), InviteKey::new(9));
    stage.invite(&over, Role::Viewer, 1).await;
    stage.invite(&ended, Role::Viewer, LATER_MS).await;
    stage.invite(&used, Role::Viewer, LATER_MS).await;
    let calendar = stage.id();
    for none in [&over, &InviteKey::new(6)] {
        let seen = look(&stage, &mut socket, &bob, none).await;
        assert_eq!(seen, Err(Reason::InviteInvalid));
    }
    look(&stage, &mut socket, &bob, &ended).await.unwrap();
    stage.end_invite(&ended).await;
    let unseen = links(&mut socket, calendar).await;
    assert_eq!(unseen.err(), Some(Reason::Forbidden));
    look(&stage, &mut socket, &bob, &used).await.unwrap();
    let (carol, _socket) = stage.person(3).await;
    stage.admit(&carol, Role::Viewer, &used).await;
    let unseen = links(&mut socket, calendar).await;
    assert_eq!(unseen.err(), Some(Reason::Forbidden));
}

#[tokio::test]
async fn what_an_invite_signed_for_another_is_worth_nothing() {
    let mut stage = Stage::new().await;
    let (bob, mut socket) = stage.person(2).await;
    let (eve, mut listening) = stage.person(3).await;
    let key = InviteKey::new(9);
    stage.invite(&key, Role::Editor, LATER_MS).await;
    // Eve says on her connection what would be right for Bob.
    let seen = look(&stage, &mut listening, &bob, &key).await;
    assert_eq!(seen, Err(Reason::InviteInvalid));
    look(&stage, &mut socket, &bob, &key).await.unwrap();
    look(&stage, &mut listening, &eve, &key).await.unwrap();
}
