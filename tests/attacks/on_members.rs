//! Those who run the relay, and those who are in a calendar or were: against people with real devices.

use almanac_client::{MemberRole, Mode, OthersChanges, SignatureView, SyncState};
use almanac_crypto::envelope::{OpenError, open};
use almanac_crypto::invite::CalendarInvite;
use almanac_protocol::ids::LogId;
use almanac_protocol::membership::{LinkType, MemberChange, Role};
use almanac_protocol::message::Stream;
use memchr::memmem;
use rusqlite::Connection;

use super::cheat::{Cheat, calendar_log, put_link};
use super::company::Company;
use super::stored::{id_bytes, put_envelope};

/// Row 11: whoever runs the relay would like to be a member.
#[tokio::test]
async fn attack_11_a_relay_adds_a_member() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    let team = id_bytes(&ada.team());
    company
        .tamper(|db| {
            let eve = Cheat::at(db, 66);
            let log = calendar_log(db, &team);
            let change = MemberChange {
                account: eve.id(),
                role: Some(Role::Editor),
                view: eve.who.account.view(),
                invite: None,
                cuts: Vec::new(),
                rotation: None,
            };
            // She signs it herself: nobody else would.
            let keys = &eve.who.keys;
            let link = log
                .change_member(keys, &eve.who.account, &change, 9)
                .unwrap();
            let seq = i64::try_from(log.count()).unwrap();
            put_link(db, LogId::from_bytes(team), 2, seq, LinkType::Member, &link);
            db.execute(
                "INSERT INTO member (calendar, account, role) VALUES (?1, ?2, 3)",
                (team, eve.id().as_bytes()),
            )
            .unwrap();
        })
        .await;
    for person in [&ada, &bob] {
        person.client.sync(Mode::Once).await.unwrap();
        let status = person.client.status().unwrap();
        assert_eq!(status.state, SyncState::Trouble);
        assert!(status.message.unwrap().contains("contradicts"));
        assert_eq!(person.member_count().await, 2);
    }
    let boxes: i64 = company
        .tamper(|db| {
            let eve = *super::cast::Ada::new(66).account.id().as_bytes();
            let mine = "SELECT count(*) FROM box WHERE recipient = ?1";
            db.query_row(mine, [eve], |row| row.get(0)).unwrap()
        })
        .await;
    assert_eq!(boxes, 0, "nobody seals a key for her");
}

/// Row 12: the relay shows its own keys under the name of who asks to be admitted.
#[tokio::test]
async fn attack_12_a_relay_shows_other_keys_for_who_asks() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    let text = ada.invite(MemberRole::Editor).await;
    let invitation = bob.client.look_at_invite(&text).await.unwrap();
    invitation.ask(Some("Bob")).await.unwrap();
    company.save("honest").await;
    company
        .tamper(|db| {
            let eve = Cheat::at(db, 66);
            let bobs = "SELECT account FROM acceptance";
            let bob: Vec<u8> = db.query_row(bobs, [], |row| row.get(0)).unwrap();
            let swap = "UPDATE link SET bytes = (SELECT bytes FROM link WHERE log = ?1)
                        WHERE log = ?2 AND seq = 0";
            assert_eq!(db.execute(swap, (eve.id().as_bytes(), bob)).unwrap(), 1);
        })
        .await;
    assert_eq!(ada.admit_all().await, 0, "nobody is taken for Bob");
    company.put_back("honest").await;
    assert_eq!(ada.admit_all().await, 1);
}

/// Row 30: a member that was removed writes once more, as if it had been before, and the relay helps.
#[tokio::test]
async fn attack_30_writing_as_of_before_one_was_removed() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let (bob, carol) = (company.person("Bob").await, company.person("Carol").await);
    ada.share_with(&bob, MemberRole::Editor).await;
    ada.share_with(&carol, MemberRole::Editor).await;
    bob.add("honest").await;
    ada.sync().await;
    company.save("before").await;
    ada.client.remove_member("Team", "Bob").await.unwrap();
    carol.sync().await;
    company.save("after").await;

    company.put_back("before").await;
    bob.add("vandal").await;
    let newest = "SELECT bytes FROM envelope ORDER BY id DESC LIMIT 1";
    let envelope: Vec<u8> = company
        .tamper(|db| db.query_row(newest, [], |row| row.get(0)).unwrap())
        .await;
    company.put_back("after").await;
    let team = id_bytes(&ada.team());
    company
        .tamper(|db| put_envelope(db, &team, &envelope))
        .await;
    for person in [&ada, &carol] {
        person.sync().await;
        assert_eq!(person.titles(), ["honest"], "{}", person.name);
        // What he wrote can be looked at, and it is proven that it was him.
        let late = person
            .client
            .changes_of_others(OthersChanges::NotCounted, 9);
        let [late] = <[_; 1]>::try_from(late.unwrap()).unwrap();
        let by = (late.title.as_str(), late.entry.device.as_deref());
        assert_eq!(by, ("vandal", Some("Bob")));
        assert_eq!(late.entry.signature, SignatureView::Holds);
    }
    // Nor for who comes later and never saw the time before.
    let dan = company.person("Dan").await;
    ada.share_with(&dan, MemberRole::Viewer).await;
    assert_eq!(dan.titles(), ["honest"]);
}

/// Row 32: an account's key is renewed because a device was lost, and the relay keeps that from those
/// who share a calendar with it for as long as it can.
#[tokio::test]
async fn attack_32_keeping_a_renewed_key_back() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let text = ada.invite(MemberRole::Editor).await;
    let team = id_bytes(&ada.team());
    let mut eve = company.tamper(|db| Cheat::at(db, 66)).await;
    company.tamper(|db| eve.ask(db, &text)).await;
    assert_eq!(ada.admit_all().await, 1);
    company.save("kept back").await;
    let epoch = |log: &almanac_protocol::membership::CalendarLog| {
        let now = log.epoch_now();
        (
            now.section.epoch,
            now.addressee(&eve.id()).unwrap().puk_generation,
        )
    };
    let before = company.tamper(|db| epoch(&calendar_log(db, &team))).await;
    assert_eq!(before, (1, 1));
    let mut renewed = eve.again(66);
    company.tamper(|db| renewed.renew_key(db)).await;
    // Whoever reads the log begins an epoch that the lost device cannot open.
    ada.sync().await;
    ada.sync().await;
    let after = company.tamper(|db| epoch(&calendar_log(db, &team))).await;
    assert_eq!(after, (2, 2));
    // Kept back again, it is missed: Ada does not go back to the key that the lost device has.
    company.put_back("kept back").await;
    let count = |db: &Connection| -> i64 {
        let rseq = "SELECT rseq FROM stream WHERE calendar = ?1 AND kind = 1";
        db.query_row(rseq, [&team], |row| row.get(0)).unwrap()
    };
    let before = company.tamper(|db| count(db)).await;
    ada.add("later").await;
    assert_eq!(ada.client.status().unwrap().state, SyncState::Trouble);
    let after = company.tamper(|db| count(db)).await;
    assert_eq!(before, after, "nothing is sealed for the old key");
}

/// Row 33: who was removed has the relay's whole disk, and all keys it ever was given.
#[tokio::test]
async fn attack_33_reading_on_after_one_was_removed() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let text = ada.invite(MemberRole::Editor).await;
    let team = id_bytes(&ada.team());
    let mut eve = company.tamper(|db| Cheat::at(db, 66)).await;
    company.tamper(|db| eve.ask(db, &text)).await;
    assert_eq!(ada.admit_all().await, 1);
    ada.add("while she was there").await;
    let stream = Stream {
        calendar: almanac_protocol::ids::CalendarId::from_bytes(team),
        kind: 1,
    };
    let newest = "SELECT bytes FROM envelope ORDER BY id DESC LIMIT 1";
    let (keys, seen) = company
        .tamper(|db| {
            let keys = eve.keys(db, &calendar_log(db, &team)).unwrap();
            let seen: Vec<u8> = db.query_row(newest, [], |row| row.get(0)).unwrap();
            (keys, seen)
        })
        .await;
    assert!(open(&keys, stream, &seen).is_ok(), "she reads what she may");

    ada.client.remove_member("Team", "Eve").await.unwrap();
    ada.add("secret").await;
    let (boxes, unseen) = company
        .tamper(|db| {
            let boxes = eve
                .keys(db, &calendar_log(db, &team))
                .map(|keys| keys.newest());
            let unseen: Vec<u8> = db.query_row(newest, [], |row| row.get(0)).unwrap();
            (boxes, unseen)
        })
        .await;
    assert_eq!(boxes, None, "nothing is sealed for her any more");
    assert_eq!(
        open(&keys, stream, &unseen).err(),
        Some(OpenError::Epoch(2))
    );
}

/// Row 34: someone who may read signs an edit, and the relay passes it on to those who may write.
#[tokio::test]
async fn attack_34_a_viewer_writes_with_the_relay_s_help() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    ada.add("honest").await;
    let text = ada.invite(MemberRole::Viewer).await;
    let team = id_bytes(&ada.team());
    let mut eve = company.tamper(|db| Cheat::at(db, 66)).await;
    company.tamper(|db| eve.ask(db, &text)).await;
    assert_eq!(ada.admit_all().await, 1);
    company
        .tamper(|db| {
            let log = calendar_log(db, &team);
            let keys = eve.keys(db, &log).unwrap();
            let envelope = eve.envelope(&log, &keys, "vandal", log.view());
            put_envelope(db, &team, &envelope);
        })
        .await;
    for person in [&ada, &bob] {
        person.sync().await;
        assert_eq!(person.titles(), ["honest"], "{}", person.name);
        assert_eq!(person.member_count().await, 3);
    }
    // The same frame counts once an owner lets her write, and not a moment before it was signed.
    ada.client
        .set_role("Team", "Eve", MemberRole::Editor)
        .await
        .unwrap();
    bob.sync().await;
    assert_eq!(bob.titles(), ["honest"]);
}

/// The same by an editor, who is let through: what is refused above is refused for the role alone.
#[tokio::test]
async fn what_an_editor_signs_by_hand_counts() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    ada.add("honest").await;
    let text = ada.invite(MemberRole::Editor).await;
    let team = id_bytes(&ada.team());
    let mut eve = company.tamper(|db| Cheat::at(db, 66)).await;
    company.tamper(|db| eve.ask(db, &text)).await;
    assert_eq!(ada.admit_all().await, 1);
    company
        .tamper(|db| {
            let log = calendar_log(db, &team);
            let keys = eve.keys(db, &log).unwrap();
            let envelope = eve.envelope(&log, &keys, "by hand", log.view());
            put_envelope(db, &team, &envelope);
        })
        .await;
    ada.sync().await;
    assert_eq!(ada.titles(), ["by hand", "honest"]);
}

/// Row 41: the relay looks through all it was ever told for what the text holds.
#[tokio::test]
async fn attack_41_finding_the_invite_at_the_relay() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    ada.add("honest").await;
    let text = ada.invite(MemberRole::Editor).await;
    let secret = *text.parse::<CalendarInvite>().unwrap().secret.expose();
    let invitation = bob.client.look_at_invite(&text).await.unwrap();
    invitation.ask(Some("Bob")).await.unwrap();
    let asked = company.disk().await;
    assert_eq!(ada.admit_all().await, 1);
    bob.sync().await;
    assert_eq!(bob.titles(), ["honest"]);
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let needles: [&[u8]; 5] = [&secret, hex.as_bytes(), text.as_bytes(), b"Bob", b"honest"];
    for disk in [asked, company.disk().await] {
        assert!(disk.len() > 10_000);
        for needle in needles {
            assert!(memmem::find(&disk, needle).is_none());
        }
    }
}

/// Row 42: what Bob signed to join is kept by the relay and shown again when it suits.
#[tokio::test]
async fn attack_42_showing_an_acceptance_again() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    let text = ada.invite(MemberRole::Editor).await;
    let invitation = bob.client.look_at_invite(&text).await.unwrap();
    invitation.ask(Some("Bob")).await.unwrap();
    type Row = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);
    let kept: Row = company
        .tamper(|db| {
            let all = "SELECT calendar, invite, account, record FROM acceptance";
            db.query_row(all, [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .unwrap()
        })
        .await;
    assert_eq!(ada.admit_all().await, 1);
    ada.client.remove_member("Team", "Bob").await.unwrap();
    let (calendar, invite, account, record) = kept;
    company
        .tamper(|db| {
            db.execute(
                "INSERT INTO calendar_invite (calendar, invite, expires_ms) VALUES (?1, ?2, ?3)",
                (&calendar, &invite, i64::MAX),
            )
            .unwrap();
            db.execute(
                "INSERT INTO acceptance (calendar, invite, account, arrived_ms, record)
                 VALUES (?1, ?2, ?3, 0, ?4)",
                (&calendar, &invite, &account, &record),
            )
            .unwrap();
        })
        .await;
    assert_eq!(ada.admit_all().await, 0, "an invite admits once");
    assert_eq!(ada.member_count().await, 1);
}

/// A relay, or a device that died half-way, leaves members without the new key: whoever owns the calendar
/// gives it to them, and what nobody has is passed over.
#[tokio::test]
async fn fault_31_a_rotation_that_was_interrupted_leaves_nobody_without_the_new_key() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let (bob, carol) = (company.person("Bob").await, company.person("Carol").await);
    let dan = company.person("Dan").await;
    ada.share_with(&bob, MemberRole::Viewer).await;
    ada.share_with(&carol, MemberRole::Editor).await;
    ada.share_with(&dan, MemberRole::Owner).await;
    ada.add("first").await;
    for person in [&bob, &carol, &dan] {
        person.sync().await;
    }
    let team = id_bytes(&ada.team());
    // Dan removes Carol, and nothing of what he seals for Bob ever gets through.
    dan.client.remove_member("Team", "Carol").await.unwrap();
    let lose = "DELETE FROM box WHERE log = ?1 AND generation = (
                    SELECT max(generation) FROM box WHERE log = ?1) AND recipient = ?2";
    company
        .tamper(|db| {
            let bobs = "SELECT account FROM member WHERE calendar = ?1 AND role = 2";
            let bob: Vec<u8> = db.query_row(bobs, [team], |row| row.get(0)).unwrap();
            assert_eq!(db.execute(lose, (team, bob)).unwrap(), 1);
        })
        .await;
    dan.add("second").await;
    bob.sync().await;
    assert_eq!(bob.titles(), ["first"]);
    ada.sync().await;
    bob.sync().await;
    assert_eq!(bob.titles(), ["first", "second"]);

    // Ada makes him a viewer, and no key of that epoch reaches anyone but herself, who is gone.
    ada.share_with(&carol, MemberRole::Editor).await;
    let viewer = MemberRole::Viewer;
    ada.client.set_role("Team", "Dan", viewer).await.unwrap();
    company
        .tamper(|db| {
            let all = "DELETE FROM box WHERE log = ?1 AND generation = (
                           SELECT max(generation) FROM box WHERE log = ?1)";
            assert!(db.execute(all, [team]).unwrap() > 1);
        })
        .await;
    drop(ada);
    carol.client.set_key_patience(std::time::Duration::ZERO);
    carol.client.create(Company::event("third")).unwrap();
    carol.client.sync(Mode::Once).await.unwrap();
    carol.sync().await;
    for person in [&bob, &dan, &carol] {
        person.sync().await;
        assert_eq!(
            person.titles(),
            ["first", "second", "third"],
            "{}",
            person.name
        );
    }
}
