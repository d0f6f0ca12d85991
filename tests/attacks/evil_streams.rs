//! A relay that lies about streams: against real clients, who believe it nothing.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what a rule does not name passes as it is"
)]

use std::collections::BTreeMap;

use almanac_client::{FindingKindView, MemberRole, Mode, PackTerms, SyncState};
use almanac_protocol::envelope::EnvelopeHeader;
use almanac_protocol::message::{Ack, Message};

use super::company::{Company, Person};
use super::stored::{envelopes_after, id_bytes, newest, put_envelope, thin};

/// Envelopes of calendars, by the calendar.
type ByCalendar = BTreeMap<[u8; 32], Vec<Vec<u8>>>;

impl Person {
    /// An event in a calendar of this name.
    async fn add_to(&self, calendar: &str, title: &str) {
        let mut event = Company::event(title);
        event.calendar = calendar.into();
        self.client.create(event).unwrap();
        self.sync().await;
    }

    /// How many envelopes it has set aside, for a reason.
    pub(crate) fn aside(&self, reason: &str) -> u64 {
        let all = self.client.set_aside().unwrap();
        let of = all.iter().filter(|one| one.reason == reason);
        of.map(|one| one.count).sum()
    }

    /// Whether a person would see that something is wrong.
    fn is_told(&self) -> bool {
        let has_aside = !self.client.set_aside().unwrap().is_empty();
        has_aside || !self.client.findings().unwrap().is_empty()
    }
}

/// Two people who share “Team”, and a relay that lies.
pub(crate) async fn pair() -> (Company, Person, Person) {
    let company = Company::deceived().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    (company, ada, bob)
}

/// Row 1: every envelope of one calendar is served as one of the other, as it is and under a new label.
#[tokio::test]
async fn attack_01_a_relay_that_exchanges_the_envelopes_of_two_calendars() {
    let mut company = Company::deceived().await;
    let ada = company.owner("Ada").await;
    ada.client.add_calendar("Club", None).unwrap();
    ada.sync().await;
    let desk = company.link(&ada, "desk").await;
    desk.sync().await;
    let ids = ["Team", "Club"].map(|name| id_bytes(&ada.calendar(name)));
    let known = company.tamper(|db| ids.map(|id| newest(db, &id))).await;
    for title in ["one", "two", "three"] {
        ada.add(title).await;
        ada.add_to("Club", title).await;
    }
    let [of_team, of_club] = company
        .tamper(|db| [0, 1].map(|at| envelopes_after(db, &ids[at], known[at])))
        .await;
    let (team, club) = (of_team.len() as u64, of_club.len() as u64);
    assert!(team >= 3 && club >= 3, "{team} {club}");
    let exchanged: ByCalendar = [(ids[0], of_club), (ids[1], of_team)].into();
    let to = desk.device_id();
    for is_relabelled in [false, true] {
        let exchanged = exchanged.clone();
        company.evil().obeys(move |passing, message| match message {
            Message::Envelopes(mut page) if passing.is_to(to) => {
                let calendar = *page.stream.calendar.as_bytes();
                if let Some(others) = exchanged.get(&calendar) {
                    for (at, one) in page.envelopes.iter_mut().enumerate() {
                        let mut other = others[at % others.len()].clone();
                        if is_relabelled {
                            other[4..36].copy_from_slice(&calendar);
                        }
                        *one = other.into();
                    }
                }
                passing.on(page)
            }
            message => passing.on(message),
        });
        desk.client.sync(Mode::Once).await.unwrap();
        assert!(desk.titles().is_empty(), "{:?}", desk.titles());
        assert!(desk.aside("sealed") >= 6, "{:?}", desk.client.set_aside());
    }
    company.evil().is_honest();
    desk.sync().await;
    let all = ["one", "one", "three", "three", "two", "two"];
    assert_eq!(desk.titles(), all);
}

/// Row 5: everything comes twice, and every page of envelopes backwards.
#[tokio::test]
async fn attack_05_a_relay_that_doubles_and_reorders() {
    let (company, ada, bob) = pair().await;
    let titles = ["five", "four", "one", "three", "two"];
    for title in titles {
        ada.add(title).await;
    }
    let to = bob.device_id();
    company.evil().obeys(move |passing, message| match message {
        Message::Envelopes(mut page) if passing.is_to(to) => {
            page.envelopes.reverse();
            let again = Message::from(page.clone());
            let twice = page
                .envelopes
                .iter()
                .flat_map(|one| [one.clone(), one.clone()]);
            page.envelopes = twice.collect();
            [
                passing.on(again.clone()),
                passing.on(page),
                passing.on(again),
            ]
            .concat()
        }
        message => passing.on(message),
    });
    bob.client.sync(Mode::Once).await.unwrap();
    assert_eq!(bob.titles(), titles);
    company.evil().is_honest();
    bob.add("six").await;
    ada.sync().await;
    for person in [&ada, &bob] {
        assert_eq!(person.titles().len(), 6, "{}", person.name);
        assert!(!person.has_found(FindingKindView::Equivocation));
        assert!(person.client.set_aside().unwrap().is_empty());
    }
}

/// Row 6: three envelopes in ten are not there, and the rest is numbered as if there were no more.
#[tokio::test]
async fn attack_06_a_relay_that_drops_three_in_ten() {
    let (mut company, ada, bob) = pair().await;
    let titles: Vec<String> = (0..20).map(|n| format!("event {n:02}")).collect();
    let team = id_bytes(&ada.team());
    let mut readers = Vec::new();
    for name in ["first", "second", "third"] {
        readers.push(company.link(&bob, name).await);
    }
    ada.sync().await;
    let known = company.tamper(|db| newest(db, &team)).await;
    for title in &titles {
        ada.add(title).await;
    }
    let known = usize::try_from(known).unwrap();
    for (seed, reader) in (0_u8..).zip(&readers) {
        let name = format!("thinned {seed}");
        company.save(&name).await;
        // Which ones is drawn; the newest one stays, or nobody could know that there had been more.
        let is_kept = move |at: usize| {
            let drawn = blake3::hash(&[seed, u8::try_from(at).unwrap()]);
            at < known || at == known + 19 || u32::from(drawn.as_bytes()[0]) * 10 >= 3 * 256
        };
        let first = (0..20).find(|n| !is_kept(known + n)).unwrap();
        company.forge(&name, |db| thin(db, &team, is_kept)).await;
        company.show(&name, &[reader]).await;
        reader.client.sync(Mode::Once).await.unwrap();
        assert_eq!(reader.titles(), titles[..first], "{seed}");
        assert!(reader.is_told(), "{seed}");
    }
}

/// Row 6: the relay takes three batches in ten, says that it has them, and throws them away.
#[tokio::test]
async fn attack_06_a_relay_that_says_it_has_what_it_threw_away() {
    let (company, ada, bob) = pair().await;
    let from = ada.device_id();
    let mut count = 0_u8;
    company.evil().obeys(move |passing, message| match message {
        Message::Push(push) if passing.is_from(from) => {
            count += 1;
            if count.is_multiple_of(3) {
                let (request, rseqs) = (push.request, vec![1; push.envelopes.len()]);
                return passing.back(Ack { request, rseqs });
            }
            passing.on(push)
        }
        message => passing.on(message),
    });
    let titles: Vec<String> = (0..9).map(|n| format!("event {n}")).collect();
    for title in &titles {
        ada.client.create(Company::event(title)).unwrap();
        ada.client.sync(Mode::Once).await.unwrap();
    }
    company.evil().is_honest();
    ada.sync().await;
    bob.sync().await;
    assert_eq!(bob.titles(), titles);
    assert_eq!(ada.client.status().unwrap().state, SyncState::UpToDate);
}

/// Row 7: Ada is shown a state in which the time stands still.
#[tokio::test]
async fn attack_07_a_relay_that_freezes_one_of_two() {
    let (mut company, ada, bob) = pair().await;
    let team = id_bytes(&ada.team());
    ada.sync().await;
    company.save("frozen").await;
    company.show("frozen", &[&ada]).await;
    for title in ["one", "two", "three"] {
        bob.add(title).await;
    }
    ada.sync().await;
    assert!(ada.titles().is_empty());
    // One word of Bob's reaches her: it says that there is more.
    let now = company.tamper(|db| newest(db, &team)).await;
    let word = company
        .tamper(|db| envelopes_after(db, &team, now - 1))
        .await;
    company
        .forge("frozen", |db| put_envelope(db, &team, &word[0]))
        .await;
    ada.client.sync(Mode::Once).await.unwrap();
    assert!(
        ada.titles().is_empty(),
        "nothing of it is shown before the rest"
    );
    assert_eq!(ada.aside("gap"), 1, "{:?}", ada.client.set_aside());
    company.show_honestly(&[&ada]);
    ada.sync().await;
    assert_eq!(ada.titles(), ["one", "three", "two"]);
    assert!(ada.client.set_aside().unwrap().is_empty());
}

/// Row 8: a pack of last week is all there is, for who has seen what came since.
#[tokio::test]
async fn attack_08_a_relay_that_serves_the_pack_of_last_week() {
    let (mut company, ada, bob) = pair().await;
    let soon = PackTerms {
        tail_envelopes: 8,
        tail_bytes: u64::MAX,
        spared_envelopes: 1,
    };
    for person in [&ada, &bob] {
        person.client.set_pack_terms(soon);
    }
    let last_week: Vec<String> = (0..10).map(|n| format!("last week {n}")).collect();
    for title in &last_week {
        ada.add(title).await;
    }
    company.save("last week").await;
    let packs = "SELECT count(*) FROM pack";
    let count: i64 = company
        .tamper(|db| db.query_row(packs, [], |row| row.get(0)).unwrap())
        .await;
    assert!(count > 0, "there is a pack");
    for title in ["this week, by Ada", "yesterday, by Ada"] {
        ada.add(title).await;
    }
    bob.add("this week, by Bob").await;
    ada.sync().await;
    let all = ada.titles();
    assert_eq!(all.len(), 13);
    company.show("last week", &[&ada, &bob]).await;
    for person in [&bob, &ada] {
        company.evil().overheard();
        person.client.sync(Mode::Once).await.unwrap();
        assert_eq!(person.titles(), all, "{}", person.name);
        assert!(
            person.has_found(FindingKindView::RolledBack),
            "{}",
            person.name
        );
        let heard = company.evil().overheard();
        let asked = heard
            .iter()
            .any(|one| matches!(Message::decode(&one.bytes), Ok(Message::PackGet(_))));
        assert!(asked, "{} has looked at the pack", person.name);
    }
    // Nobody writes under a number that is used: what comes now fits both histories.
    bob.client.create(Company::event("today, by Bob")).unwrap();
    bob.client.sync(Mode::Once).await.unwrap();
    company.show_honestly(&[&ada, &bob]);
    for person in [&bob, &ada, &bob] {
        person.sync().await;
    }
    for person in [&ada, &bob] {
        assert_eq!(person.titles().len(), 14, "{}", person.name);
        assert!(!person.has_found(FindingKindView::Equivocation));
        assert!(person.client.set_aside().unwrap().is_empty());
    }
}

/// Row 10: two people are shown two worlds, until one word crosses from each into the other.
#[tokio::test]
async fn attack_10_a_relay_that_keeps_two_people_in_two_worlds() {
    let (mut company, ada, bob) = pair().await;
    ada.client
        .set_role("Team", "Bob", MemberRole::Owner)
        .await
        .unwrap();
    for person in [&bob, &ada] {
        person.sync().await;
    }
    let team = id_bytes(&ada.team());
    company.save("Ada's world").await;
    company.save("Bob's world").await;
    company.show("Ada's world", &[&ada]).await;
    company.show("Bob's world", &[&bob]).await;
    let mut words = Vec::new();
    for (person, name) in [(&ada, "Ada's world"), (&bob, "Bob's world")] {
        let before = company.forge(name, |db| newest(db, &team)).await;
        // Each decides something about who may come, and says what it has seen.
        person.invite(MemberRole::Viewer).await;
        person.add(&format!("in {name}")).await;
        person.sync().await;
        assert!(!person.is_told(), "nothing is to be seen yet");
        words.push(
            company
                .forge(name, |db| envelopes_after(db, &team, before))
                .await,
        );
    }
    for (name, said) in [("Ada's world", &words[1]), ("Bob's world", &words[0])] {
        let first = said
            .iter()
            .min_by_key(|one| EnvelopeHeader::parse(one).unwrap().0.address.first_seq);
        company
            .forge(name, |db| put_envelope(db, &team, first.unwrap()))
            .await;
    }
    for person in [&ada, &bob] {
        person.client.sync(Mode::Once).await.unwrap();
        let findings = person.client.findings().unwrap();
        let forked = findings
            .iter()
            .find(|one| one.kind == FindingKindView::LogForked);
        let forked = forked.unwrap_or_else(|| panic!("{}: {findings:?}", person.name));
        assert!(forked.has_evidence, "the signed word is kept");
        assert_eq!(person.titles().len(), 1, "nothing of it counts");
    }
}
