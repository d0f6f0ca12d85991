//! VISIT and VOUCHER_GET: who lives at another relay and shares a calendar that lives here.

use almanac_protocol::ids::{CalendarId, LogId};
use almanac_protocol::join::look_body;
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::Role;
use almanac_protocol::message::{Message, Reason, Visit, VoucherGet, Welcome};
use almanac_protocol::signed::Signer;
use almanac_protocol::voucher::Voucher;
use minicbor::bytes::ByteVec;

use super::stage::{InviteKey, LATER_MS, Stage, acceptance, join, links, look};
use crate::world::{Person, Socket, World};

/// The word of the relay of this key for where the log of a person ends.
fn voucher(home: &InviteKey, person: &Person) -> Vec<u8> {
    let voucher = Voucher {
        account: person.account(),
        view: person.log.view(),
        relay: home.verify_key(),
    };
    let mut bytes = voucher.to_bytes();
    let signature = home.sign(Purpose::Voucher, &bytes);
    bytes.extend(signature.as_bytes());
    bytes
}

/// What a guest brings.
#[derive(Default)]
struct Brought<'a> {
    links: &'a [Vec<u8>],
    voucher: Vec<u8>,
    invite: Option<(CalendarId, &'a InviteKey)>,
}

async fn visit(
    world: &World,
    person: &Person,
    brought: Brought<'_>,
) -> Result<(Socket, Welcome), Reason> {
    let (mut socket, origin) = (world.connect().await, world.origin());
    let challenge = socket.hello(Some(person), &origin).await;
    assert!(!challenge.known, "nobody learns who is a guest");
    let signature = Socket::proof(person, &origin, &challenge);
    let (nonces, account) = (socket.nonces(), person.account());
    let signed = brought.invite.map(|(calendar, key)| {
        let body = look_body(&origin, nonces, &calendar, &account, &person.device);
        key.sign(Purpose::InviteLook, &body.expect("a short origin"))
    });
    let links = brought.links.iter().cloned().map(ByteVec::from);
    socket
        .send(Visit {
            links: links.collect(),
            voucher: ByteVec::from(brought.voucher),
            signature,
            calendar: brought.invite.map(|(calendar, _)| calendar),
            invite: brought.invite.map(|(_, key)| key.verify_key()),
            invite_signature: signed,
        })
        .await;
    let welcome = socket.welcome().await?;
    Ok((socket, welcome))
}

/// Comes for the first time, by an invite.
async fn arrive(
    stage: &Stage,
    person: &Person,
    home: &InviteKey,
    key: &InviteKey,
) -> Result<Socket, Reason> {
    let brought = Brought {
        links: &person.links,
        voucher: voucher(home, person),
        invite: Some((stage.id(), key)),
    };
    let (socket, welcome) = visit(&stage.world, person, brought).await?;
    assert_eq!(welcome.calendars, []);
    Ok(socket)
}

/// Brings news of the account's log.
async fn tell(stage: &Stage, person: &Person, home: &InviteKey) -> Result<Socket, Reason> {
    let brought = Brought {
        links: &person.links,
        voucher: voucher(home, person),
        invite: None,
    };
    Ok(visit(&stage.world, person, brought).await?.0)
}

async fn admitted(stage: &mut Stage, role: Role) -> (Person, InviteKey) {
    let (bob, home, key) = (Person::new(2), InviteKey::new(50), InviteKey::new(60));
    stage.invite(&key, role, LATER_MS).await;
    let mut socket = arrive(stage, &bob, &home, &key).await.expect("it is taken");
    look(stage, &mut socket, &bob, &key)
        .await
        .expect("it is taken");
    join(&mut socket, acceptance(stage, &bob, &key))
        .await
        .expect("it is taken");
    stage.know(&bob);
    stage.admit(&bob, role, &key).await;
    (bob, home)
}

#[tokio::test]
async fn a_guest_comes_by_an_invite_and_then_by_its_key_alone() {
    let mut stage = Stage::new().await;
    let (bob, _) = admitted(&mut stage, Role::Editor).await;
    let (mut socket, welcome) = visit(&stage.world, &bob, Brought::default()).await.unwrap();
    assert_eq!(welcome.calendars, [stage.id()]);
    let shown = links(&mut socket, stage.id()).await.unwrap();
    assert_eq!(shown.count, stage.log.count());
    let pushed = bob.envelope(&stage.calendar(), 1);
    assert_eq!(socket.push(&[pushed]).await, Ok(vec![1]));
    // Nothing of it is counted as the guest's.
    let (_, welcome) = visit(&stage.world, &bob, Brought::default()).await.unwrap();
    assert_eq!(welcome.used_bytes, 0);
}

#[tokio::test]
async fn a_guest_keeps_nothing_of_its_own() {
    let mut stage = Stage::new().await;
    let (mut bob, home) = admitted(&mut stage, Role::Editor).await;
    let (mut socket, _) = visit(&stage.world, &bob, Brought::default()).await.unwrap();
    let own = bob.calendar(9);
    let refused = socket.put_link(own.log(), None, &own.genesis).await;
    assert_eq!(refused.unwrap_err().reason, Reason::Forbidden);
    let head = bob.log.view().head;
    let (second, link) = bob.add_device(3);
    let refused = socket
        .put_link(LogId::from(bob.account()), Some(head), &link)
        .await;
    assert_eq!(refused.unwrap_err().reason, Reason::Forbidden);
    let request = socket.request();
    socket.send(VoucherGet { request }).await;
    let refused = socket.answer(request).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Forbidden);
    // It is no way in for anything but a guest: the door for accounts does not know it.
    let entered = stage
        .world
        .connect()
        .await
        .enter(&bob, &stage.world.origin())
        .await;
    assert_eq!(entered, Err(Reason::AuthFailed));
    // With its relay's word the device is one here too.
    tell(&stage, &second, &home).await.unwrap();
    visit(&stage.world, &second, Brought::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_link_counts_only_on_the_word_of_the_relay_that_came_with_the_invite() {
    let mut stage = Stage::new().await;
    let (mut bob, home) = admitted(&mut stage, Role::Editor).await;
    let before = bob.clone();
    // Who has taken the device signs a link that Bob's own relay has refused.
    let (thief, _) = bob.add_device(3);
    let (other, nobody) = (InviteKey::new(51), Vec::new());
    let stale = voucher(&home, &before);
    for word in [nobody, voucher(&other, &thief), stale] {
        let brought = Brought {
            links: &thief.links,
            voucher: word,
            invite: None,
        };
        let refused = visit(&stage.world, &thief, brought).await.map(|_| ());
        assert_eq!(refused, Err(Reason::AuthFailed));
    }
    let refused = visit(&stage.world, &thief, Brought::default()).await;
    assert_eq!(refused.map(|_| ()), Err(Reason::AuthFailed));
    // So the link that takes the device away is not kept from standing in its place.
    let mut bob = before;
    let (tablet, _) = bob.add_device(4);
    let mut watching = tell(&stage, &tablet, &home).await.unwrap();
    bob.revoke(tablet.device);
    tell(&stage, &bob, &home).await.unwrap();
    loop {
        match watching.receive().await {
            Message::LogGrew(_) => {}
            Message::Bye(bye) => break assert_eq!(bye.reason, Reason::Forbidden),
            other => panic!("{other:?}"),
        }
    }
    // It is let in to read that, and is shown no calendar.
    let (mut socket, welcome) = visit(&stage.world, &tablet, Brought::default())
        .await
        .unwrap();
    assert_eq!(welcome.calendars, []);
    assert_eq!(links(&mut socket, stage.id()).await, Err(Reason::Forbidden));
    let pushed = tablet.envelope(&stage.calendar(), 1);
    assert!(socket.push(&[pushed]).await.is_err());
    // Nor can anyone go back behind the link, or tell another story.
    let refused = tell(&stage, &thief, &home).await.map(|_| ());
    assert_eq!(refused, Err(Reason::AuthFailed));
}

#[tokio::test]
async fn nobody_unknown_comes_without_an_invite_that_is_open() {
    let mut stage = Stage::new().await;
    let (bob, home) = (Person::new(2), InviteKey::new(50));
    let (open, never) = (InviteKey::new(60), InviteKey::new(61));
    stage.invite(&open, Role::Viewer, LATER_MS).await;
    assert_eq!(
        tell(&stage, &bob, &home).await.map(|_| ()),
        Err(Reason::AuthFailed)
    );
    assert_eq!(
        arrive(&stage, &bob, &home, &never).await.map(|_| ()),
        Err(Reason::InviteInvalid)
    );
    stage.end_invite(&open).await;
    assert_eq!(
        arrive(&stage, &bob, &home, &open).await.map(|_| ()),
        Err(Reason::InviteInvalid)
    );
    // One invite does not bring a crowd.
    let crowd = InviteKey::new(62);
    stage.invite(&crowd, Role::Viewer, LATER_MS).await;
    for seed in 100..108 {
        arrive(&stage, &Person::new(seed), &home, &crowd)
            .await
            .unwrap();
    }
    assert_eq!(
        arrive(&stage, &bob, &home, &crowd).await.map(|_| ()),
        Err(Reason::Quota)
    );
}

#[tokio::test]
async fn a_guest_who_was_removed_reads_that_and_nothing_new() {
    let mut stage = Stage::new().await;
    let (bob, home) = admitted(&mut stage, Role::Editor).await;
    stage.set_role(&bob, None).await;
    let left = stage.log.count();
    let (mut socket, welcome) = visit(&stage.world, &bob, Brought::default()).await.unwrap();
    assert_eq!(welcome.calendars, []);
    let shown = links(&mut socket, stage.id()).await.unwrap();
    assert_eq!(shown.count, left);
    let next = InviteKey::new(63);
    stage.invite(&next, Role::Viewer, LATER_MS).await;
    let shown = links(&mut socket, stage.id()).await.unwrap();
    assert_eq!(shown.count, left, "what came after is not for him");
    let pushed = bob.envelope(&stage.calendar(), 1);
    assert!(socket.push(&[pushed]).await.is_err());
    // Asked once more he may come, and say where he lives now.
    let moved = InviteKey::new(52);
    arrive(&stage, &bob, &moved, &next).await.unwrap();
    assert_eq!(
        tell(&stage, &bob, &home).await.map(|_| ()),
        Err(Reason::AuthFailed)
    );
    tell(&stage, &bob, &moved).await.unwrap();
}

#[tokio::test]
async fn a_guest_may_come_to_live_here() {
    let mut stage = Stage::new().await;
    let (bob, _) = admitted(&mut stage, Role::Editor).await;
    drop(stage.world.register(&bob).await);
    let mut socket = stage.world.enter(&bob).await;
    let own = bob.calendar(9);
    socket
        .put_link(own.log(), None, &own.genesis)
        .await
        .unwrap();
    let request = socket.request();
    socket.send(VoucherGet { request }).await;
    let Message::Vouched(vouched) = socket.receive().await else {
        panic!("no voucher");
    };
    let voucher = Voucher::verify(&vouched.voucher).unwrap();
    assert_eq!(
        (voucher.account, voucher.view),
        (bob.account(), bob.log.view())
    );
}

#[tokio::test]
async fn a_log_that_says_a_link_twice_takes_nobodys_place() {
    let mut stage = Stage::new().await;
    let (mut bob, home) = admitted(&mut stage, Role::Editor).await;
    let (tablet, _) = bob.add_device(3);
    let mut thief = tablet.clone();
    thief.links.push(thief.links[0].clone());
    let refused = tell(&stage, &thief, &home).await.map(|_| ());
    assert_eq!(refused, Err(Reason::AuthFailed));
    tell(&stage, &bob, &home).await.unwrap();
}

#[tokio::test]
async fn an_invite_of_a_stranger_moves_no_guest() {
    let mut stage = Stage::new().await;
    let (mut bob, home) = admitted(&mut stage, Role::Owner).await;
    let (thief, _) = bob.add_device(3);
    let (own, by_itself) = (InviteKey::new(52), InviteKey::new(61));
    // Who owns the calendar, too, could have made it.
    stage.invite(&by_itself, Role::Editor, LATER_MS).await;
    let refused = arrive(&stage, &thief, &own, &by_itself).await.map(|_| ());
    assert_eq!(refused, Err(Reason::AuthFailed));
    tell(&stage, &bob, &home).await.unwrap();
}

#[tokio::test]
async fn a_guest_registers_with_the_log_that_is_here_and_no_other() {
    let mut stage = Stage::new().await;
    let (mut bob, home) = admitted(&mut stage, Role::Editor).await;
    let (tablet, _) = bob.add_device(3);
    tell(&stage, &bob, &home).await.unwrap();
    bob.revoke(tablet.device);
    tell(&stage, &bob, &home).await.unwrap();
    // Neither who was revoked with the log before, nor a thief with one that nobody has vouched for.
    let (thief, _) = bob.clone().add_device(4);
    for person in [&tablet, &thief] {
        let mut socket = stage.world.connect().await;
        let (origin, invite) = (stage.world.origin(), stage.world.invite());
        let refused = socket.register(person, &origin, &invite).await;
        assert_eq!(refused.map(|_| ()), Err(Reason::AuthFailed));
    }
    drop(stage.world.register(&bob).await);
}
