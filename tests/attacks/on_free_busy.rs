//! Those who are shown when people are busy, and would like to know or to say more. The relay helps them.

use almanac_client::{CreateEvent, EventDetails, MemberRole, WhenView};
use almanac_crypto::envelope::{OpenError, open};
use almanac_crypto::epoch::EpochKeys;
use almanac_protocol::envelope::EnvelopeHeader;
use almanac_protocol::membership::CalendarLog;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use memchr::memmem;
use rusqlite::Connection;

use super::cheat::{Cheat, calendar_log};
use super::company::{Company, Person};
use super::stored::{id_bytes, put_envelope, put_envelope_into};

/// Days since 1970, one week from now: busy times are told of the time around today.
fn soon() -> i32 {
    i32::try_from(Timestamp::now().as_second() / 86_400 + 7).unwrap()
}

fn date(day: i32) -> String {
    let moment = Timestamp::from_second(i64::from(day) * 86_400).unwrap();
    moment.to_zoned(TimeZone::UTC).date().to_string()
}

/// Adds an hour to “Team”, at ten in UTC.
async fn add(person: &Person, title: &str, day: i32) {
    let event = CreateEvent {
        calendar: "Team".into(),
        title: title.into(),
        when: WhenView::Timed {
            start: format!("{}T10:00", date(day)),
            end: format!("{}T11:00", date(day)),
            zone: "UTC".into(),
        },
        place: String::new(),
        notes: String::new(),
        rule: None,
        details: EventDetails::default(),
    };
    person.client.create(event).unwrap();
    person.sync().await;
}

/// What someone shows of the days around: titles and starts.
fn seen(person: &Person) -> Vec<String> {
    let (from, to) = (date(soon() - 3), date(soon() + 9));
    let listed = person.client.list(&from, &to, Some("UTC"), None).unwrap();
    let line = |one: almanac_client::ListedOccurrence| format!("{} {}", one.summary, one.start);
    listed.into_iter().map(line).collect()
}

fn busy(day: i32) -> String {
    format!("Busy {}T10:00:00+00:00", date(day))
}

/// Every envelope of a calendar that the relay has, of the stream of a kind.
fn envelopes(db: &Connection, calendar: &[u8; 32], kind: u8) -> Vec<Vec<u8>> {
    let all = "SELECT bytes FROM envelope JOIN stream ON stream.id = envelope.stream
               WHERE stream.calendar = ?1 AND stream.kind = ?2 ORDER BY envelope.rseq";
    let mut statement = db.prepare(all).unwrap();
    let rows = statement.query_map((calendar, kind), |row| row.get(0));
    rows.unwrap().map(Result::unwrap).collect()
}

fn opens(keys: &EpochKeys, envelope: &[u8]) -> Result<Vec<Vec<u8>>, OpenError> {
    let (header, _) = EnvelopeHeader::parse(envelope).unwrap();
    let (_, frames) = open(keys, header.address.stream(), envelope)?;
    Ok(frames.into_iter().map(|item| item.frame).collect())
}

/// A company in which Eve, made of keys alone, sees when Ada's team is busy, and Bob does as well.
async fn company() -> (Company, Person, Person, Cheat) {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    add(&ada, "talk with the bank", soon()).await;
    let text = ada.invite(MemberRole::FreeBusy).await;
    let mut eve = company.tamper(|db| Cheat::at(db, 66)).await;
    company.tamper(|db| eve.ask(db, &text)).await;
    assert_eq!(ada.admit_all().await, 1);
    ada.share_with(&bob, MemberRole::FreeBusy).await;
    ada.sync().await;
    bob.sync().await;
    assert_eq!(seen(&bob), [busy(soon())]);
    (company, ada, bob, eve)
}

fn held(eve: &Cheat, db: &Connection, team: &[u8; 32]) -> (CalendarLog, EpochKeys) {
    let log = calendar_log(db, team);
    let keys = eve.keys(db, &log).unwrap();
    (log, keys)
}

/// Row 34: someone who sees busy times alone is handed everything that the relay has.
#[tokio::test]
async fn attack_34_busy_times_alone_open_nothing_else() {
    let (mut company, ada, _bob, eve) = company().await;
    let team = id_bytes(&ada.team());
    company
        .tamper(|db| {
            let (log, keys) = held(&eve, db, &team);
            let epochs = 1..=log.epoch_now().section.epoch;
            assert!(epochs.clone().all(|epoch| keys.main(epoch).is_none()));
            assert!(epochs.clone().all(|epoch| keys.free_busy(epoch).is_some()));
            let events = envelopes(db, &team, 1);
            assert!(events.len() > 2);
            for envelope in events {
                let opened = opens(&keys, &envelope);
                assert!(matches!(opened, Err(OpenError::Epoch(_))), "{opened:?}");
            }
            let told = envelopes(db, &team, 2);
            assert!(!told.is_empty());
            for envelope in told {
                for frame in opens(&keys, &envelope).unwrap() {
                    assert!(memmem::find(&frame, b"talk").is_none());
                    assert!(memmem::find(&frame, b"bank").is_none());
                }
            }
        })
        .await;
}

/// Row 34: she signs busy times of her own, and the relay passes them on.
#[tokio::test]
async fn attack_34_who_sees_busy_times_alone_says_none() {
    let (mut company, ada, bob, mut eve) = company().await;
    let team = id_bytes(&ada.team());
    company
        .tamper(|db| {
            let (log, keys) = held(&eve, db, &team);
            let envelope = eve.busy_day(&log, &keys, soon());
            put_envelope(db, &team, &envelope);
        })
        .await;
    for _ in 0..2 {
        bob.sync().await;
        ada.sync().await;
    }
    assert_eq!(seen(&bob), [busy(soon())]);
    assert_eq!(seen(&ada).len(), 1);
    // What Ada says afterwards still comes.
    add(&ada, "walk", soon() + 1).await;
    bob.sync().await;
    assert_eq!(seen(&bob), [busy(soon()), busy(soon() + 1)]);
}

/// The same by an editor, who is let through, for as long as she is one: what she said to the last is over
/// with her right to write, and said anew by those who remain.
#[tokio::test]
async fn attack_30_busy_times_of_who_was_removed_are_over() {
    let (mut company, ada, bob, mut eve) = company().await;
    let team = id_bytes(&ada.team());
    let set_role = ada.client.set_role("Team", "Eve", MemberRole::Editor);
    set_role.await.unwrap();
    company
        .tamper(|db| {
            let (log, keys) = held(&eve, db, &team);
            assert!(keys.main(log.epoch_now().section.epoch).is_some());
            let envelope = eve.busy_day(&log, &keys, soon());
            put_envelope(db, &team, &envelope);
        })
        .await;
    bob.sync().await;
    assert_eq!(
        seen(&bob),
        [format!("Away {}T00:00:00+00:00", date(soon()))]
    );
    ada.client.remove_member("Team", "Eve").await.unwrap();
    ada.sync().await;
    bob.sync().await;
    assert_eq!(seen(&bob), [busy(soon())]);
}

/// Row 33: whoever saw busy times and was removed reads none of those that come after, with all that the
/// relay has.
#[tokio::test]
async fn attack_33_seeing_on_when_people_are_busy_after_one_was_removed() {
    let (mut company, ada, bob, eve) = company().await;
    let team = id_bytes(&ada.team());
    let (keys, before) = company
        .tamper(|db| (held(&eve, db, &team).1, envelopes(db, &team, 2).len()))
        .await;
    ada.client.remove_member("Team", "Eve").await.unwrap();
    add(&ada, "walk", soon() + 1).await;
    bob.sync().await;
    assert_eq!(seen(&bob), [busy(soon()), busy(soon() + 1)]);
    company
        .tamper(|db| {
            let later: Vec<_> = envelopes(db, &team, 2).split_off(before);
            assert!(!later.is_empty());
            for envelope in later {
                assert_eq!(opens(&keys, &envelope).err(), Some(OpenError::Epoch(2)));
            }
        })
        .await;
}

/// Row 1: the relay shows an event where busy times stand, busy times twice, and bytes that nobody sealed.
#[tokio::test]
async fn attack_01_other_things_in_the_stream_of_busy_times() {
    let (mut company, ada, bob, _eve) = company().await;
    let team = id_bytes(&ada.team());
    company
        .tamper(|db| {
            let event = envelopes(db, &team, 1).pop().unwrap();
            let told = envelopes(db, &team, 2).pop().unwrap();
            let mut bent = told.clone();
            *bent.last_mut().unwrap() ^= 1;
            for (number, mut wrong) in (50_u8..).zip([event, told, bent]) {
                // A place of its own at the relay.
                wrong[87] = number;
                put_envelope_into(db, (&team, 2), &wrong);
            }
        })
        .await;
    for person in [&ada, &bob] {
        person.sync().await;
        assert_eq!(
            person.client.status().unwrap().quarantined,
            3,
            "{}",
            person.name
        );
    }
    assert_eq!(seen(&bob), [busy(soon())]);
    add(&ada, "walk", soon() + 1).await;
    bob.sync().await;
    assert_eq!(seen(&bob), [busy(soon()), busy(soon() + 1)]);
}

/// Row 32: the relay keeps a renewed key back from who sees busy times alone, and what is sealed by it comes.
#[tokio::test]
async fn attack_32_keeping_the_key_of_busy_times_back() {
    let (mut company, ada, bob, _eve) = company().await;
    let team = id_bytes(&ada.team());
    let members = ada.client.members("Team").await.unwrap().members;
    let bobs = members.iter().find(|member| member.name == "Bob").unwrap();
    let bobs = id_bytes(&bobs.id);
    ada.client.remove_member("Team", "Eve").await.unwrap();
    add(&ada, "walk", soon() + 1).await;
    let key = (team, bobs);
    let record: (Vec<u8>, Vec<u8>) = company
        .tamper(|db| {
            let take = "DELETE FROM box WHERE log = ?1 AND recipient = ?2 AND generation = 2
                        RETURNING supplier, record";
            db.query_row(take, key, |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap()
        })
        .await;
    // He keeps what he saw, nothing is lost, and nothing is in the way of the rest.
    bob.sync().await;
    assert_eq!(seen(&bob), [busy(soon())]);
    assert_eq!(bob.client.status().unwrap().quarantined, 0);
    company
        .tamper(|db| {
            let put = "INSERT INTO box (log, generation, recipient, supplier, record)
                       VALUES (?1, 2, ?2, ?3, ?4)";
            db.execute(put, (team, bobs, record.0, record.1)).unwrap()
        })
        .await;
    bob.sync().await;
    assert_eq!(seen(&bob), [busy(soon()), busy(soon() + 1)]);
}

/// A relay that loses its database hears again when people are busy.
#[tokio::test]
async fn a_relay_that_lost_everything_is_told_busy_times_again() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    add(&ada, "talk", soon()).await;
    ada.share_with(&bob, MemberRole::FreeBusy).await;
    ada.sync().await;
    company.save("before").await;
    add(&ada, "walk", soon() + 1).await;
    bob.sync().await;
    let both = [busy(soon()), busy(soon() + 1)];
    assert_eq!(seen(&bob), both);
    // Set back to before the walk: Ada says it once more, and Bob loses nothing.
    company.put_back("before").await;
    ada.sync().await;
    bob.sync().await;
    assert_eq!(seen(&bob), both);
    company.wipe().await;
    for person in [&ada, &bob] {
        company.register(person).await;
    }
    for _ in 0..2 {
        ada.sync().await;
        bob.sync().await;
    }
    add(&ada, "run", soon() + 2).await;
    bob.sync().await;
    assert_eq!(
        seen(&bob),
        [busy(soon()), busy(soon() + 1), busy(soon() + 2)]
    );
}
