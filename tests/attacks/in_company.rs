//! What becomes of a shared calendar when relays forget, owners decide at once and people leave, and
//! when the program of a member is broken or newer than the others.

use almanac_client::{ErrorCode, MemberRole, SyncState};
use almanac_protocol::frame::FrameType;
use almanac_protocol::ids::{DocumentId, Incarnation};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ROOT};

use super::cast::newest;
use super::cheat::{Cheat, calendar_log, event};
use super::company::{Company, Person};
use super::stored::{id_bytes, put_envelope};

/// The relay goes back to the time before someone was removed.
#[tokio::test]
async fn a_relay_that_is_set_back_to_before_a_removal_hears_of_it_again() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let (bob, carol) = (company.person("Bob").await, company.person("Carol").await);
    ada.share_with(&bob, MemberRole::Editor).await;
    ada.share_with(&carol, MemberRole::Editor).await;
    company.save("with Bob").await;
    ada.client.remove_member("Team", "Bob").await.unwrap();
    carol.sync().await;
    let team = id_bytes(&ada.team());
    let members = "SELECT count(*) FROM member WHERE calendar = ?1";
    // Whoever comes first brings back what Ada signed, herself or another.
    for first in [&carol, &ada] {
        company.put_back("with Bob").await;
        first.sync().await;
        let left: i64 = company
            .tamper(|db| db.query_row(members, [&team], |row| row.get(0)).unwrap())
            .await;
        assert_eq!(left, 2, "{}", first.name);
    }
    for person in [&ada, &carol, &bob] {
        person.sync().await;
    }
    ada.add("secret").await;
    carol.sync().await;
    bob.sync().await;
    assert_eq!(carol.titles(), ["secret"]);
    assert!(bob.titles().is_empty());
    assert_eq!(ada.client.status().unwrap().state, SyncState::UpToDate);
}

/// The relay has lost everything: who comes first cannot bring back what another began, and loses
/// nothing by having come first.
#[tokio::test]
async fn a_relay_that_lost_everything_is_filled_again_by_owner_and_members() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    ada.add("by Ada").await;
    bob.add("by Bob").await;
    company.wipe().await;
    company.register(&bob).await;
    bob.sync().await;
    bob.add("meanwhile").await;
    assert_eq!(bob.client.status().unwrap().state, SyncState::Trouble);
    company.register(&ada).await;
    for person in [&ada, &bob, &ada, &bob] {
        person.sync().await;
    }
    let all = ["by Ada", "by Bob", "meanwhile"];
    for person in [&ada, &bob] {
        assert_eq!(person.titles(), all, "{}", person.name);
        let status = person.client.status().unwrap();
        assert_eq!((status.state, status.outbox), (SyncState::UpToDate, 0));
    }
    // What came back is whole: someone who has seen none of it before reads all of it.
    let carol = company.person("Carol").await;
    ada.share_with(&carol, MemberRole::Viewer).await;
    assert_eq!(carol.titles(), all);
}

/// Two owners at once, about the same person: one link is taken, and both wishes are fulfilled by it.
#[tokio::test]
async fn two_owners_who_remove_someone_at_once_do_it_once() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let (bob, carol) = (company.person("Bob").await, company.person("Carol").await);
    ada.share_with(&bob, MemberRole::Owner).await;
    ada.share_with(&carol, MemberRole::Editor).await;
    bob.sync().await;
    let (one, other) = tokio::join!(
        ada.client.remove_member("Team", "Carol"),
        bob.client.remove_member("Team", "Carol")
    );
    // Who comes so late that she is gone already is told that there is nobody of that name.
    assert!(one.is_ok() || other.is_ok(), "{one:?} {other:?}");
    let team = id_bytes(&ada.team());
    let epoch = company
        .tamper(|db| calendar_log(db, &team).epoch_now().section.epoch)
        .await;
    assert_eq!(epoch, 2);
    ada.add("by Ada").await;
    bob.add("by Bob").await;
    for person in [&ada, &carol] {
        person.sync().await;
    }
    for person in [&ada, &bob] {
        assert_eq!(person.titles(), ["by Ada", "by Bob"], "{}", person.name);
        assert_eq!(person.member_count().await, 2);
    }
    assert!(carol.titles().is_empty());
}

/// Who has taken a shared calendar out of their list finds it again.
#[tokio::test]
async fn who_leaves_is_a_member_until_an_owner_says_otherwise_and_may_come_back() {
    let company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    ada.add("by Ada").await;
    bob.sync().await;
    assert!(
        ada.client.leave_calendar("Team").is_err(),
        "one owner stays"
    );
    bob.client.leave_calendar("Team").unwrap();
    assert!(bob.titles().is_empty());
    assert_eq!(ada.member_count().await, 2);
    let text = ada.invite(MemberRole::Viewer).await;
    let already = bob.client.look_at_invite(&text).await.unwrap_err();
    assert_eq!(already.code, ErrorCode::AlreadyExists);
    assert_eq!(bob.titles(), ["by Ada"]);
}

/// Someone writes on the train, and is lowered and raised again before they are back.
#[tokio::test]
async fn what_was_written_before_a_right_was_taken_and_given_back_is_written_once_more() {
    let company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    bob.client.create(Company::event("on the train")).unwrap();
    for role in [MemberRole::Viewer, MemberRole::Editor] {
        ada.client.set_role("Team", "Bob", role).await.unwrap();
    }
    bob.sync().await;
    ada.sync().await;
    for person in [&ada, &bob] {
        assert_eq!(person.titles(), ["on the train"], "{}", person.name);
    }
    assert!(bob.client.findings().unwrap().is_empty());
}

/// An editor of “Team” who is made of keys alone.
async fn cheat(company: &mut Company, owner: &Person) -> Cheat {
    let text = owner.invite(MemberRole::Editor).await;
    let cheat = company.tamper(|db| {
        let mut cheat = Cheat::at(db, 66);
        cheat.ask(db, &text);
        cheat
    });
    let cheat = cheat.await;
    assert_eq!(owner.admit_all().await, 1);
    cheat
}

/// Makes a change of an actor.
type Make = fn([u8; 16]) -> (DocumentId, Vec<u8>);

/// A member puts each of these into the calendar, in a life of its own; gives how many there were.
async fn put_frames(
    company: &mut Company,
    cheat: &mut Cheat,
    calendar: &[u8; 32],
    frames: &[(FrameType, Make)],
) {
    company
        .tamper(|db| {
            let log = calendar_log(db, calendar);
            let keys = cheat.keys(db, &log).unwrap();
            for (life, (frame_type, change)) in (1..).zip(frames) {
                cheat.who.incarnation = Incarnation::from_bytes([life; 8]);
                let changes = [change(cheat.actor(&log))];
                let envelope = cheat.sealed(&log, &keys, log.view(), *frame_type, &changes);
                put_envelope(db, calendar, &envelope);
            }
        })
        .await;
}

fn document_by(actor: [u8; 16]) -> AutoCommit {
    AutoCommit::new().with_actor(ActorId::from(actor))
}

/// Bytes that are no change.
fn undecodable(_: [u8; 16]) -> (DocumentId, Vec<u8>) {
    (DocumentId::from_bytes([1; 16]), vec![0xFF; 300])
}

/// A few hundred bytes that unfold to millions.
fn bomb(actor: [u8; 16]) -> (DocumentId, Vec<u8>) {
    let mut document = document_by(actor);
    document.put(ROOT, "title", "x".repeat(8_000_000)).unwrap();
    let bytes = newest(&mut document).bytes().to_vec();
    assert!(bytes.len() < 20_000);
    (DocumentId::from_bytes([2; 16]), bytes)
}

/// More operations than anybody's edit has.
fn huge(actor: [u8; 16]) -> (DocumentId, Vec<u8>) {
    let mut document = document_by(actor);
    for number in 0..60_000_i64 {
        document.put(ROOT, "title", number).unwrap();
    }
    (
        DocumentId::from_bytes([3; 16]),
        newest(&mut document).raw_bytes().to_vec(),
    )
}

/// A change that Automerge takes once, and whose document it never loads again.
fn poison(actor: [u8; 16]) -> (DocumentId, Vec<u8>) {
    let (document, mut bytes) = event("poison", actor);
    bytes[5] ^= 1;
    (document, bytes)
}

/// A whole change of a document that is no event.
fn no_event(actor: [u8; 16]) -> (DocumentId, Vec<u8>) {
    let mut document = document_by(actor);
    document.put(ROOT, "start", "never").unwrap();
    document.put(ROOT, "categories", -1).unwrap();
    (
        DocumentId::from_bytes([5; 16]),
        newest(&mut document).raw_bytes().to_vec(),
    )
}

/// The program of a member is broken, or means harm: what it makes is set aside, and everyone goes on.
#[tokio::test]
async fn fault_28_changes_that_do_harm_are_set_aside_and_everyone_goes_on() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    let mut eve = cheat(&mut company, &ada).await;
    ada.add("before").await;
    bob.sync().await;
    let changes = FrameType::Changes;
    let harmful = [undecodable, bomb, huge, poison, no_event].map(|make: Make| (changes, make));
    put_frames(&mut company, &mut eve, &id_bytes(&ada.team()), &harmful).await;
    for person in [&ada, &bob] {
        person.sync().await;
        assert_eq!(person.titles(), ["before"], "{}", person.name);
    }
    ada.add("after").await;
    // Who comes later reads past it, too.
    let carol = company.person("Carol").await;
    ada.share_with(&carol, MemberRole::Viewer).await;
    for person in [&ada, &bob, &carol] {
        person.sync().await;
        assert_eq!(person.titles(), ["after", "before"], "{}", person.name);
        let status = person.client.status().unwrap();
        assert_eq!(status.state, SyncState::UpToDate, "{:?}", status.message);
        assert!(
            !person.client.set_aside().unwrap().is_empty(),
            "{}",
            person.name
        );
    }
}

/// A member has a newer program: what the others do not understand is kept, and stops nothing.
#[tokio::test]
async fn fault_36_frames_of_a_later_version_are_kept_and_stop_nothing() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    let mut eve = cheat(&mut company, &ada).await;
    ada.add("before").await;
    company.save("before").await;
    let newer: [(FrameType, Make); 2] = [
        (FrameType::Unknown(77), |actor| event("unseen", actor)),
        (FrameType::Changes, |actor| event("as ever", actor)),
    ];
    put_frames(&mut company, &mut eve, &id_bytes(&ada.team()), &newer).await;
    bob.add("after").await;
    for person in [&ada, &bob] {
        person.sync().await;
        assert_eq!(
            person.titles(),
            ["after", "as ever", "before"],
            "{}",
            person.name
        );
        let status = person.client.status().unwrap();
        assert_eq!(status.state, SyncState::UpToDate, "{:?}", status.message);
    }
    // The relay loses all of it: members put it back, with what they do not understand.
    company.put_back("before").await;
    for person in [&ada, &bob, &ada, &bob] {
        person.sync().await;
    }
    let carol = company.person("Carol").await;
    ada.share_with(&carol, MemberRole::Viewer).await;
    assert_eq!(carol.titles(), ["after", "as ever", "before"]);
    let status = carol.client.status().unwrap();
    assert_eq!(status.state, SyncState::UpToDate, "{:?}", status.message);
}
