//! A relay that lies about logs, keys and devices: against real clients.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what a rule does not name passes as it is"
)]

use std::sync::{Arc, Mutex};

use almanac_client::{ErrorCode, FindingKindView, MemberRole, Mode, RevokeWord, SyncState, Unlock};
use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::pairing::{
    AccountBundle, NewDevice, NewDevicePromised, NewDeviceRevealed, OldDevice, PairingError,
};
use almanac_protocol::codes::RoutingCode;
use almanac_protocol::ids::{AccountId, LogId};
use almanac_protocol::message::{Ack, Links, Message, PairSend};

use super::cast::{Ada, TestRng};
use super::company::{Company, Person};
use super::evil_relay::{EvilRelay, Passing, Said, Towards};
use super::stored::id_bytes;

impl EvilRelay {
    /// How many messages have come from devices since this was last asked, for which `is_meant` holds.
    fn heard(&self, is_meant: impl Fn(&Message) -> bool) -> usize {
        let heard = self.overheard().into_iter();
        heard
            .filter(|one| one.passing.towards == Towards::Relay)
            .filter(|one| is_meant(&Message::decode(&one.bytes).unwrap()))
            .count()
    }

    /// Shows a device no more of these logs than so many links.
    fn hides(&self, from: &Person, logs: Vec<(LogId, u64)>) {
        let device = from.device_id();
        let known = move |log: &LogId| {
            logs.iter()
                .find(|(id, _)| id == log)
                .map(|(_, count)| *count)
        };
        self.obeys(move |passing, message| match message {
            Message::Links(links) if passing.is_to(device) => match known(&links.log) {
                Some(count) => passing.on(first_links(links, count)),
                None => passing.on(links),
            },
            Message::LogGrew(grew) if passing.is_to(device) => match known(&grew.log) {
                Some(_) => Vec::new(),
                None => passing.on(grew),
            },
            Message::Resumed(mut resumed) if passing.is_to(device) => {
                resumed.account = None;
                for calendar in &mut resumed.calendars {
                    calendar.log = None;
                }
                passing.on(resumed)
            }
            message => passing.on(message),
        });
    }
}

/// What is left of an answer when the log has no more than `count` links.
fn first_links(mut links: Links, count: u64) -> Links {
    let left = usize::try_from(count.saturating_sub(links.first_seq)).unwrap();
    links.links.truncate(left);
    links.count = count;
    links
}

/// How many links a log has at the relay.
async fn count(company: &mut Company, log: [u8; 32]) -> u64 {
    let count = "SELECT count(*) FROM link WHERE log = ?1";
    let found: i64 = company
        .tamper(|db| db.query_row(count, [log], |row| row.get(0)).unwrap())
        .await;
    u64::try_from(found).unwrap()
}

/// The account of a person, as the relay knows it.
async fn account(company: &mut Company, person: &Person) -> [u8; 32] {
    let find = "SELECT account FROM device WHERE device = ?1";
    let device = id_bytes(&person.id());
    company
        .tamper(|db| db.query_row(find, [device], |row| row.get(0)).unwrap())
        .await
}

/// Row 12: on its way, the log of who asks to be admitted is exchanged for that of the relay's friend.
#[tokio::test]
async fn attack_12_a_relay_that_hands_out_another_log_under_the_name_of_who_asks() {
    let mut company = Company::deceived().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    let text = ada.invite(MemberRole::Editor).await;
    let invitation = bob.client.look_at_invite(&text).await.unwrap();
    invitation.ask(Some("Bob")).await.unwrap();
    let asked = LogId::from_bytes(account(&mut company, &bob).await);
    let eve = Ada::new(66);
    let (to, genesis) = (ada.device_id(), eve.genesis.clone());
    company.evil().obeys(move |passing, message| match message {
        Message::Links(mut links) if passing.is_to(to) && links.log == asked => {
            links.links = vec![genesis.clone().into()];
            passing.on(links)
        }
        message => passing.on(message),
    });
    company.evil().overheard();
    assert_eq!(ada.admit_all().await, 0, "whoever this is does not ask");
    let sealed = company
        .evil()
        .heard(|one| matches!(one, Message::BoxPut(_)));
    assert_eq!(sealed, 0, "nobody seals a key for her");
    assert_eq!(ada.member_count().await, 1);
    company.evil().is_honest();
    assert_eq!(ada.admit_all().await, 1);
    bob.sync().await;
    ada.add("for Bob").await;
    bob.sync().await;
    assert_eq!(bob.titles(), ["for Bob"]);
}

/// Takes every link that a device signs for a log, says so, and throws it away.
fn swallow(evil: &EvilRelay, from: &Person) {
    let device = from.device_id();
    evil.obeys(move |passing, message| match message {
        Message::LinkPut(put) if passing.is_from(device) => {
            let (request, rseqs) = (put.request, Vec::new());
            passing.back(Ack { request, rseqs })
        }
        message => passing.on(message),
    });
}

/// Row 33: the relay says that it took a removal, so that who was removed can read on.
#[tokio::test]
async fn attack_33_a_relay_that_throws_a_removal_away() {
    let company = Company::deceived().await;
    let ada = company.owner("Ada").await;
    let tablet = company.link(&ada, "tablet").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    swallow(company.evil(), &ada);
    let removed = ada.client.remove_member("Team", "Bob").await.unwrap_err();
    assert_eq!(removed.code, ErrorCode::RelayContradicts, "{removed}");
    let revoked = ada.client.revoke_device("tablet", RevokeWord::Stolen).await;
    let revoked = revoked.unwrap_err();
    assert_eq!(revoked.code, ErrorCode::RelayContradicts, "{revoked}");
    assert_eq!(ada.client.devices().unwrap().len(), 2);
    // The same wishes, once the relay is honest.
    company.evil().is_honest();
    ada.client.remove_member("Team", "Bob").await.unwrap();
    ada.client
        .revoke_device("tablet", RevokeWord::Stolen)
        .await
        .unwrap();
    ada.add("secret").await;
    bob.sync().await;
    assert!(bob.titles().is_empty());
    let gone = tablet.client.sync(Mode::Once).await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::DeviceRevoked);
}

/// Row 32: Bob is not shown that a device of Ada's was revoked, until Carol writes after it.
#[tokio::test]
async fn attack_32_a_relay_that_hides_a_revocation_until_someone_writes_after_it() {
    let mut company = Company::deceived().await;
    let ada = company.owner("Ada").await;
    let tablet = company.link(&ada, "tablet").await;
    let (bob, carol) = (company.person("Bob").await, company.person("Carol").await);
    ada.share_with(&bob, MemberRole::Owner).await;
    ada.share_with(&carol, MemberRole::Editor).await;
    for person in [&bob, &carol, &ada, &bob] {
        person.sync().await;
    }
    let (adas, team) = (account(&mut company, &ada).await, id_bytes(&ada.team()));
    let shown = [
        (LogId::from_bytes(adas), count(&mut company, adas).await),
        (LogId::from_bytes(team), count(&mut company, team).await),
    ];
    company.evil().hides(&bob, shown.to_vec());
    ada.client
        .revoke_device("tablet", RevokeWord::Stolen)
        .await
        .unwrap();
    carol.add("after it").await;
    company.evil().overheard();
    bob.client.sync(Mode::Once).await.unwrap();
    assert!(bob.titles().is_empty());
    assert!(
        bob.has_found(FindingKindView::LinkWithheld),
        "{:?}",
        bob.client.findings()
    );
    // Whatever he decides now would be sealed for the device that Ada has lost: it is not done.
    let removed = bob.client.remove_member("Team", "Carol").await;
    assert!(removed.is_err(), "{removed:?}");
    let sealed = company
        .evil()
        .heard(|one| matches!(one, Message::BoxPut(_)));
    assert_eq!(sealed, 0, "no key leaves him");
    company.evil().is_honest();
    for person in [&bob, &carol, &ada, &bob] {
        person.sync().await;
    }
    assert_eq!(bob.titles(), ["after it"]);
    assert!(!bob.has_found(FindingKindView::LinkWithheld));
    assert_eq!(bob.client.status().unwrap().state, SyncState::UpToDate);
    bob.add("for those who are left").await;
    let gone = tablet.client.sync(Mode::Once).await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::DeviceRevoked);
}

/// Who stands between two devices that are being linked: the old device to the new one, and a new one to
/// the old one.
struct Between {
    rng: TestRng,
    routing: RoutingCode,
    /// What it says of the account, so that the new device believes it.
    bundle: AccountBundle,
    promised: Option<NewDevicePromised>,
    step_of_new: Vec<u8>,
    revealed: Option<(NewDeviceRevealed, Vec<u8>)>,
}

impl Between {
    fn new(
        mut rng: TestRng,
        own: &DeviceKeys,
        routing: RoutingCode,
        bundle: AccountBundle,
    ) -> (Self, Vec<u8>) {
        let (promised, step) = NewDevice::new(own.clone(), routing).promise(&mut rng);
        let between = Self {
            rng,
            routing,
            bundle,
            promised: Some(promised),
            step_of_new: Vec::new(),
            revealed: None,
        };
        (between, step)
    }

    /// Hears the old device's second step, and gives its own to the new one.
    fn answer(&mut self, step: &[u8]) -> Vec<u8> {
        let promised = self.promised.take().unwrap();
        self.revealed = Some(promised.reveal(step).unwrap());
        let waiting = OldDevice::new(self.bundle.clone(), self.routing);
        let (_, answer) = waiting.reveal(&mut self.rng, &self.step_of_new).unwrap();
        answer
    }

    /// The digits that the old device has to be told, and the step that shows it its keys.
    fn keys(&mut self) -> (String, Vec<u8>) {
        let (revealed, step) = self.revealed.take().unwrap();
        (revealed.code().to_string(), step)
    }
}

fn bundle_of(ada: &Ada) -> AccountBundle {
    AccountBundle {
        account: ada.account.id(),
        device: ada.keys.device_id(),
        view: ada.account.view(),
        origin: "http://127.0.0.1:1".into(),
    }
}

/// Row 27: someone between the two, a thousand times.
#[test]
fn attack_27_nobody_between_two_devices_meets_their_digits() {
    let ada = Ada::new(1);
    let mut rng = TestRng::new(2);
    let [own, keys] = [3, 4].map(|seed| DeviceKeys::generate(&mut TestRng::new(seed)));
    let mut met = 0;
    for run in 0..1000_u16 {
        let [high, low] = run.to_be_bytes();
        let routing = RoutingCode::from_random([27, 27, 27, high, low]);
        let evil = TestRng::Seeded(Box::new(
            blake3::Hasher::new().update(&[high, low]).finalize_xof(),
        ));
        let (mut between, promise) = Between::new(evil, &own, routing, bundle_of(&ada));
        let (new, step) = NewDevice::new(keys.clone(), routing).promise(&mut rng);
        between.step_of_new = step;
        let waiting = OldDevice::new(bundle_of(&ada), routing);
        let (old, step) = waiting.reveal(&mut rng, &promise).unwrap();
        let (shows, _) = new.reveal(&between.answer(&step)).unwrap();
        let (digits, step) = between.keys();
        met += u32::from(digits == shows.code().to_string());
        // A person types what the new device shows.
        let asked = old.ask(&step).unwrap();
        let typed = asked.confirm(&shows.code().to_string());
        assert_eq!(typed.err(), Some(PairingError::Code), "{run}");
    }
    assert_eq!(met, 0);
}

/// Row 27: who has seen the old device's number looks for keys that would fit it. They were promised.
#[test]
fn attack_27_keys_that_were_chosen_afterwards_are_refused() {
    let ada = Ada::new(1);
    let mut rng = TestRng::new(2);
    let routing = RoutingCode::from_random([27; 5]);
    let own = DeviceKeys::generate(&mut TestRng::new(3));
    let (_, promise) = Between::new(TestRng::new(4), &own, routing, bundle_of(&ada));
    let (old, step) = OldDevice::new(bundle_of(&ada), routing)
        .reveal(&mut rng, &promise)
        .unwrap();
    let (other, _) = NewDevice::new(DeviceKeys::generate(&mut rng), routing).promise(&mut rng);
    let (_, step) = other.reveal(&step).unwrap();
    assert_eq!(old.ask(&step).err(), Some(PairingError::Promise));
}

/// What a relay makes of the steps of a linking when it stands between the two.
fn stand_between(
    between: &Mutex<Between>,
    promise: &[u8],
    passing: &Passing,
    sent: &PairSend,
) -> Said {
    let mut between = between.lock().unwrap();
    let is_of_new = passing.device.is_none();
    let payload = match (passing.towards, is_of_new, sent.payload.first()) {
        (Towards::Relay, true, Some(1)) => {
            between.step_of_new = sent.payload.to_vec();
            promise.to_vec()
        }
        (Towards::Relay, false, Some(2)) => between.answer(&sent.payload),
        (Towards::Relay, true, Some(3)) => between.keys().1,
        _ => sent.payload.to_vec(),
    };
    passing.on(PairSend {
        routing: sent.routing.clone(),
        payload: payload.into(),
    })
}

/// Row 27: the relay itself stands between two real devices; there is no second try.
#[tokio::test]
async fn attack_27_a_relay_between_two_devices_adds_neither_its_own_nor_theirs() {
    let mut company = Company::deceived().await;
    let ada = company.owner("Ada").await;
    let id = AccountId::from_bytes(account(&mut company, &ada).await);
    let log = company
        .tamper(|db| super::cheat::account_log(db, &id))
        .await;
    let unlock = Unlock::passphrase("correct horse battery").with_memory_mib(64);
    for run in 0..3_u8 {
        let linking = ada.client.open_linking().await.unwrap();
        let routing: RoutingCode = linking.routing().parse().unwrap();
        let bundle = AccountBundle {
            account: id,
            device: ada.device_id(),
            view: log.view(),
            origin: company.url(),
        };
        let own = DeviceKeys::generate(&mut TestRng::new(66));
        let (between, promise) = Between::new(TestRng::new(run), &own, routing, bundle);
        let between = Arc::new(Mutex::new(between));
        company.evil().overheard();
        company.evil().obeys(move |passing, message| match message {
            Message::PairSend(sent) => stand_between(&between, &promise, passing, &sent),
            message => passing.on(message),
        });
        let (show, shown) = tokio::sync::oneshot::channel();
        let (folder, url) = (company.path(&format!("desk {run}")), company.url());
        let code = routing.to_string();
        let joining =
            almanac_client::link_device(&folder, &url, &code, "desk", &unlock, |digits| {
                show.send(digits.to_owned()).unwrap();
            });
        let adding = async {
            let confirming = linking.joined().await.unwrap();
            confirming.confirm(async { Ok(shown.await.unwrap()) }).await
        };
        let (joined, added) = tokio::join!(joining, adding);
        assert_eq!(joined.unwrap_err().code, ErrorCode::LinkingFailed);
        assert_eq!(added.unwrap_err().code, ErrorCode::LinkingFailed);
        // Whoever got the digits by then finds nobody who would take them.
        let again = company.path(&format!("again {run}"));
        let again = almanac_client::link_device(&again, &url, &code, "desk", &unlock, |_| {}).await;
        assert_eq!(again.unwrap_err().code, ErrorCode::LinkingFailed);
        let links = company
            .evil()
            .heard(|one| matches!(one, Message::LinkPut(_)));
        assert_eq!(links, 0, "nothing was signed");
    }
    company.evil().is_honest();
    assert_eq!(ada.client.devices().unwrap().len(), 1);
    let desk = company.link(&ada, "desk").await;
    assert_eq!(desk.client.devices().unwrap().len(), 2);
}
