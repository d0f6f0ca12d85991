//! JOIN, JOIN_GET and JOINS.

use almanac_protocol::limits::ACCEPTANCES_PER_INVITE_MAX;
use almanac_protocol::membership::Role;
use almanac_protocol::message::{Message, Reason};

use super::stage::{InviteKey, LATER_MS, Stage, acceptance, join, joins};

#[tokio::test]
async fn owners_hear_who_asks_and_nobody_else_does() {
    let mut stage = Stage::new().await;
    let (bob, mut socket) = stage.person(2).await;
    let key = InviteKey::new(9);
    stage.invite(&key, Role::Editor, LATER_MS).await;
    let calendar = stage.id();
    let asked = acceptance(&stage, &bob, &key);
    join(&mut socket, asked.clone()).await.unwrap();
    let Message::Joins(told) = stage.socket.receive().await else {
        panic!("nothing was told")
    };
    assert_eq!((told.request, told.calendar), (0, calendar));
    assert_eq!(told.acceptances, [asked.clone().into()]);
    let found = joins(&mut stage.socket, calendar).await.unwrap();
    assert_eq!(found.acceptances, [asked.into()]);
    let refused = joins(&mut socket, calendar).await;
    assert_eq!(refused.err(), Some(Reason::Forbidden));
    assert!(socket.hears_nothing().await);
}

#[tokio::test]
async fn an_acceptance_goes_when_its_invite_is_used_or_ended() {
    let mut stage = Stage::new().await;
    let (bob, mut socket) = stage.person(2).await;
    let (first, second) = (InviteKey::new(8), InviteKey::new(9));
    stage.invite(&first, Role::Editor, LATER_MS).await;
    stage.invite(&second, Role::Editor, LATER_MS).await;
    for key in [&first, &second] {
        let asked = acceptance(&stage, &bob, key);
        join(&mut socket, asked).await.unwrap();
    }
    let kept = |stage: &Stage| {
        let inventory = almanac_relay::inspect(stage.world.folder()).unwrap();
        inventory.acceptances.len()
    };
    assert_eq!(kept(&stage), 2);
    stage.end_invite(&first).await;
    assert_eq!(kept(&stage), 1);
    let again = acceptance(&stage, &bob, &first);
    assert_eq!(join(&mut socket, again).await, Err(Reason::InviteInvalid));
    stage.admit(&bob, Role::Editor, &second).await;
    assert_eq!(kept(&stage), 0);
}

#[tokio::test]
async fn only_so_many_ask_by_one_invite_and_each_once() {
    let mut stage = Stage::new().await;
    let key = InviteKey::new(9);
    stage.invite(&key, Role::Viewer, LATER_MS).await;
    let mut last = None;
    for seed in (20..).take(ACCEPTANCES_PER_INVITE_MAX) {
        let (person, mut socket) = stage.person(seed).await;
        for _ in 0..2 {
            let asked = acceptance(&stage, &person, &key);
            join(&mut socket, asked).await.unwrap();
        }
        last = Some((person, socket));
    }
    let (late, mut socket) = stage.person(50).await;
    let asked = acceptance(&stage, &late, &key);
    assert_eq!(join(&mut socket, asked).await, Err(Reason::Quota));
    let (person, mut socket) = last.unwrap();
    let asked = acceptance(&stage, &person, &key);
    join(&mut socket, asked).await.unwrap();
    let calendar = stage.id();
    let found = joins(&mut stage.socket, calendar).await.unwrap();
    assert_eq!(found.acceptances.len(), ACCEPTANCES_PER_INVITE_MAX);
}

#[tokio::test]
async fn nobody_asks_for_another_or_with_what_they_do_not_hold() {
    let mut stage = Stage::new().await;
    let (bob, mut socket) = stage.person(2).await;
    let (eve, mut listening) = stage.person(3).await;
    let (key, over) = (InviteKey::new(9), InviteKey::new(8));
    stage.invite(&key, Role::Editor, LATER_MS).await;
    stage.invite(&over, Role::Editor, 1).await;
    // What was signed for Bob, in Eve's hands; and the same with her account in his place.
    let asked = acceptance(&stage, &bob, &key);
    let taken = join(&mut listening, asked.clone()).await;
    assert_eq!(taken, Err(Reason::Forbidden));
    let mut bent = acceptance(&stage, &eve, &key);
    bent[174..238].copy_from_slice(&asked[174..238]);
    assert_eq!(join(&mut listening, bent).await, Err(Reason::InviteInvalid));
    for none in [&over, &InviteKey::new(7)] {
        let asked = acceptance(&stage, &eve, none);
        let taken = join(&mut listening, asked).await;
        assert_eq!(taken, Err(Reason::InviteInvalid));
    }
    let short = asked[..asked.len() - 1].to_vec();
    assert_eq!(join(&mut socket, short).await, Err(Reason::Malformed));
    // A member has nothing to ask for.
    stage.set_role(&bob, Some(Role::Viewer)).await;
    assert_eq!(join(&mut socket, asked).await, Err(Reason::Forbidden));
}
