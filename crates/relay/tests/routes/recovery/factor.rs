//! The second factor: set, asked for, guessed, and forgotten by nobody.

use std::time::SystemTime;

use almanac_protocol::ids::LinkHash;
use almanac_protocol::membership::link_hash;
use almanac_protocol::message::{FactorPass, FactorSet, Nack, Reason};
use almanac_protocol::second_factor::{FactorTerms, OneTimeCode, TotpSecret};
use minicbor::bytes::ByteVec;

use crate::world::{Person, Socket, World};

fn terms(person: &Person, seed: u8) -> FactorTerms {
    FactorTerms {
        secret: TotpSecret::from_bytes([seed; 20]),
        codes: std::array::from_fn(|n| code(seed, n).hash(&person.account())),
    }
}

fn code(seed: u8, number: usize) -> OneTimeCode {
    OneTimeCode::from_random([seed ^ u8::try_from(number).expect("ten"); 8])
}

fn totp(seed: u8) -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now_ms = u64::try_from(since.expect("after 1970").as_millis()).expect("not that late");
    TotpSecret::from_bytes([seed; 20]).code(now_ms)
}

async fn set(socket: &mut Socket, terms: Vec<u8>, code: &str) -> Result<Vec<u64>, Nack> {
    let request = socket.request();
    socket
        .send(FactorSet {
            request,
            terms: ByteVec::from(terms),
            code: code.to_owned(),
        })
        .await;
    socket.answer(request).await
}

async fn pass(socket: &mut Socket, code: &str) -> Result<Vec<u64>, Nack> {
    let request = socket.request();
    let code = code.to_owned();
    socket.send(FactorPass { request, code }).await;
    socket.answer(request).await
}

fn head(person: &Person) -> Option<LinkHash> {
    person.links.last().map(|link| link_hash(link))
}

/// Ada, with a second factor that she has not passed on the connection that is given.
async fn with_factor(world: &World) -> (Person, Socket) {
    let ada = Person::new(1);
    let mut setting = world.register(&ada).await;
    let wrong = set(&mut setting, terms(&ada, 20).to_bytes(), "000000").await;
    assert_eq!(wrong.expect_err("no code").reason, Reason::SecondFactor);
    let code = totp(20);
    set(&mut setting, terms(&ada, 20).to_bytes(), &code)
        .await
        .expect("its code is right");
    (ada.clone(), world.enter(&ada).await)
}

#[tokio::test]
async fn a_device_is_added_only_after_a_code() {
    let world = World::start().await;
    let (mut ada, mut socket) = with_factor(&world).await;
    let (account, before) = (ada.account().into(), head(&ada));
    let (_, link) = ada.add_device(7);
    let due = socket.put_link(account, before, &link).await.unwrap_err();
    assert_eq!((due.reason, due.seq), (Reason::SecondFactor, None));
    let wrong = pass(&mut socket, "ABCD-EFGH-JKMN").await.unwrap_err();
    assert_eq!((wrong.reason, wrong.seq), (Reason::SecondFactor, Some(4)));
    pass(&mut socket, &code(20, 3).to_string()).await.unwrap();
    socket.put_link(account, before, &link).await.unwrap();
    // The same code on another connection: it was used.
    let mut other = world.enter(&ada).await;
    let used = pass(&mut other, &code(20, 3).to_string()).await;
    assert_eq!(used.unwrap_err().reason, Reason::SecondFactor);
}

#[tokio::test]
async fn a_device_is_revoked_without_a_code() {
    let world = World::start().await;
    let mut ada = Person::new(1);
    let mut socket = world.register(&ada).await;
    let before = head(&ada);
    let (tablet, link) = ada.add_device(7);
    let account = ada.account().into();
    socket.put_link(account, before, &link).await.unwrap();
    set(&mut socket, terms(&ada, 20).to_bytes(), &totp(20))
        .await
        .unwrap();
    let mut socket = world.enter(&ada).await;
    let before = head(&ada);
    let link = ada.revoke(tablet.device);
    socket.put_link(account, before, &link).await.unwrap();
}

#[tokio::test]
async fn the_fifth_wrong_code_locks_the_account_also_for_right_ones_and_after_a_restart() {
    let world = World::start().await;
    let (ada, mut socket) = with_factor(&world).await;
    for left in (1..5).rev() {
        let wrong = pass(&mut socket, "000000").await.unwrap_err();
        assert_eq!(wrong.seq, Some(left));
    }
    let locked = pass(&mut socket, "000000").await.unwrap_err();
    assert_eq!(locked.reason, Reason::Rate);
    assert!(locked.retry_after_ms > 59 * 60 * 1000);
    let right = pass(&mut socket, &code(20, 0).to_string()).await;
    assert_eq!(right.unwrap_err().reason, Reason::Rate);
    let world = world.restart().await;
    let mut again = world.enter(&ada).await;
    let right = pass(&mut again, &code(20, 0).to_string()).await;
    assert_eq!(right.unwrap_err().reason, Reason::Rate);
}

#[tokio::test]
async fn a_factor_is_changed_by_who_has_passed_it_and_then_asked_for_anew() {
    let world = World::start().await;
    let (mut ada, mut socket) = with_factor(&world).await;
    let refused = set(&mut socket, terms(&ada, 40).to_bytes(), &totp(40)).await;
    assert_eq!(refused.unwrap_err().reason, Reason::SecondFactor);
    let refused = set(&mut socket, Vec::new(), "").await;
    assert_eq!(refused.unwrap_err().reason, Reason::SecondFactor);

    let mut other = world.enter(&ada).await;
    pass(&mut other, &code(20, 0).to_string()).await.unwrap();
    pass(&mut socket, &code(20, 1).to_string()).await.unwrap();
    set(&mut socket, terms(&ada, 40).to_bytes(), &totp(40))
        .await
        .unwrap();
    // Who has passed the one before has not passed this one.
    let (account, before) = (ada.account().into(), head(&ada));
    let (_, link) = ada.add_device(7);
    let due = other.put_link(account, before, &link).await.unwrap_err();
    assert_eq!(due.reason, Reason::SecondFactor);
    let old = pass(&mut other, &code(20, 2).to_string()).await;
    assert_eq!(old.unwrap_err().reason, Reason::SecondFactor);
    set(&mut socket, Vec::new(), "").await.unwrap();
    other.put_link(account, before, &link).await.unwrap();
}

#[tokio::test]
async fn codes_are_looked_at_only_for_who_has_proven_a_key() {
    let world = World::start().await;
    let (_, mut proven) = with_factor(&world).await;
    for _ in 0..8 {
        let mut guest = world.connect().await;
        guest.hello(None, &world.origin()).await;
        let code = "000000".to_owned();
        guest.send(FactorPass { request: 1, code }).await;
        assert_eq!(guest.bye().await, Reason::Malformed);
    }
    let wrong = pass(&mut proven, "000000").await.unwrap_err();
    assert_eq!(wrong.seq, Some(4), "none of those was counted");
}

#[tokio::test]
async fn a_kit_may_not_touch_the_factor_and_signs_only_after_a_code() {
    let world = World::start().await;
    let mut ada = Person::new(1);
    let mut socket = world.register(&ada).await;
    let before = head(&ada);
    let (mut kit, link) = ada.put_kit(3);
    let account = ada.account().into();
    socket.put_link(account, before, &link).await.unwrap();
    set(&mut socket, terms(&ada, 20).to_bytes(), &totp(20))
        .await
        .unwrap();
    let mut recovering = world.connect().await;
    let recovery = recovering.recover(&kit, &world.origin()).await.unwrap();
    assert!(recovery.factor_due);
    let before = head(&ada);
    let (_, link) = kit.add_device(7);
    // The code comes before the wait: who has none learns nothing of it.
    let due = recovering.put_link(account, before, &link).await;
    assert_eq!(due.unwrap_err().reason, Reason::SecondFactor);
    pass(&mut recovering, &code(20, 0).to_string())
        .await
        .unwrap();
    let held = recovering.put_link(account, before, &link).await;
    assert_eq!(held.unwrap_err().reason, Reason::Held);
    let terms = ByteVec::from(Vec::new());
    let code = String::new();
    recovering
        .send(FactorSet {
            request: 77,
            terms,
            code,
        })
        .await;
    assert_eq!(recovering.bye().await, Reason::Malformed);
}
