//! Those who have taken a device or the words of a recovery kit, alone and with the relay's help: against
//! an account with real devices.

use almanac_client::{
    ErrorCode, MemberRole, Mode, Recovered, RevokeWord, SyncState, Unlock, recover,
};
use almanac_protocol::ids::{AccountId, LogId};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{Link, LinkType, possession_of_added_device};
use almanac_protocol::signed::Signer as _;
use rusqlite::Connection;

use super::cast::Ada;
use super::cheat::{account_log, put_link};
use super::company::{Company, Person};
use super::stored::{envelopes_after, id_bytes, newest, put_envelope};

/// The account at the relay to which a device belongs.
fn account_of(db: &Connection, device: &str) -> [u8; 32] {
    let find = "SELECT account FROM device WHERE device = ?1";
    db.query_row(find, [id_bytes(device)], |row| row.get(0))
        .unwrap()
}

async fn revoke(by: &Person, name: &str) {
    let stolen = RevokeWord::Stolen;
    by.client.revoke_device(name, stolen).await.unwrap();
}

/// Row 17: the relay would like the account's key sealed for a device of its own.
#[tokio::test]
async fn attack_17_a_relay_adds_a_device_of_its_own() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let desk = company.link(&ada, "desk").await;
    let tablet = company.link(&ada, "tablet").await;
    desk.sync().await;
    let (account, eve) = company
        .tamper(|db| {
            let account = account_of(db, &ada.id());
            let eve = Ada::new(66);
            let log = account_log(db, &AccountId::from_bytes(account));
            let body = possession_of_added_device(&log.id(), log.count(), eve.keys.bundle());
            let possession = eve.keys.sign(Purpose::DevicePossession, &body);
            // She signs it herself: none of Ada's devices would.
            let payload = [&eve.keys.bundle().to_bytes()[..], possession.as_bytes()].concat();
            let link = Link {
                link_type: LinkType::AddDevice,
                log: LogId::from_bytes(account),
                seq: log.count(),
                prev: log.view().head,
                device: eve.keys.device_id(),
                account: log.id(),
                view: log.view(),
                time_ms: 9,
                payload,
            };
            let link = link.sign(&eve.keys);
            let seq = i64::try_from(log.count()).unwrap();
            put_link(
                db,
                LogId::from_bytes(account),
                1,
                seq,
                LinkType::AddDevice,
                &link,
            );
            let id = *eve.keys.device_id().as_bytes();
            let key = eve.keys.verify_key();
            db.execute(
                "INSERT INTO device (account, device, verify_key, class) VALUES (?1, ?2, ?3, 1)",
                (account, id, key.as_bytes()),
            )
            .unwrap();
            (account, id)
        })
        .await;
    let refused = desk.client.sync(Mode::Once).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::RelayContradicts);
    assert_eq!(desk.client.devices().unwrap().len(), 3);
    // Without the link, the row alone: the account's key is renewed for those whom the log names.
    company
        .tamper(|db| {
            let forget = "DELETE FROM link WHERE log = ?1 AND seq = (SELECT max(seq) FROM link WHERE log = ?1)";
            assert_eq!(db.execute(forget, [account]).unwrap(), 1);
        })
        .await;
    revoke(&ada, "tablet").await;
    drop(tablet);
    let boxes: i64 = company
        .tamper(|db| {
            let hers = "SELECT count(*) FROM box WHERE recipient = ?1";
            db.query_row(hers, [eve], |row| row.get(0)).unwrap()
        })
        .await;
    assert_eq!(boxes, 0, "nobody seals a key for her");
}

/// Row 29: codes are tried by who holds no key, and then by who holds the words.
#[tokio::test]
async fn attack_29_guessing_the_second_factor() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let words = ada.kit().await;
    let factor = ada.client.make_second_factor();
    let shown = company.authenticator(&factor.secret());
    factor.confirm(&shown, None).await.unwrap();
    let codes = factor.codes();
    let record = "SELECT record FROM second_factor";
    let before: Vec<u8> = company
        .tamper(|db| db.query_row(record, [], |row| row.get(0)).unwrap())
        .await;
    // Without the words no code is looked at, however many are tried.
    for _ in 0..8 {
        let strange = company.strange_words();
        let refused = company
            .use_words(&strange, Some(&codes[0]))
            .await
            .unwrap_err();
        assert_eq!(refused.code, ErrorCode::RelayRefused);
    }
    let after: Vec<u8> = company
        .tamper(|db| db.query_row(record, [], |row| row.get(0)).unwrap())
        .await;
    assert_eq!(before, after);
    // With them: five tries, then none, not even with a right code.
    let waits = company.use_words(&words, None).await.unwrap();
    assert!(matches!(waits, Recovered::Waits { .. }));
    company.a_day_later().await;
    for _ in 0..5 {
        let wrong = company.use_words(&words, Some("000000")).await.unwrap_err();
        assert_eq!(wrong.code, ErrorCode::SecondFactorDue);
    }
    let locked = company
        .use_words(&words, Some(&codes[1]))
        .await
        .unwrap_err();
    assert!(locked.message.contains("looks at none"), "{locked}");
    ada.sync().await;
    assert_eq!(ada.client.devices().unwrap().len(), 1);
}

/// Row 29: whoever has the words waits for a day in which every device hears of it, and a new kit ends it.
#[tokio::test]
async fn attack_29_the_words_alone_open_nothing_for_a_day() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let words = ada.kit().await;
    let waits = company.use_words(&words, None).await.unwrap();
    assert!(matches!(waits, Recovered::Waits { .. }));
    ada.sync().await;
    let told = ada.client.findings().unwrap();
    assert!(told[0].message.contains("make a new kit"), "{told:?}");
    ada.kit().await;
    company.a_day_later().await;
    let refused = company.use_words(&words, None).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::RelayRefused);
    assert_eq!(ada.client.devices().unwrap().len(), 1);
}

/// Row 30: a device that was revoked writes once more, as if it had been before, and the relay helps.
#[tokio::test]
async fn attack_30_a_revoked_device_writes_as_of_before() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let tablet = company.link(&ada, "tablet").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    tablet.sync().await;
    tablet.add("honest").await;
    ada.sync().await;
    company.save("before").await;
    revoke(&ada, "tablet").await;
    bob.sync().await;
    company.save("after").await;

    company.put_back("before").await;
    tablet.add("vandal").await;
    let team = id_bytes(&ada.team());
    let envelope = company
        .tamper(|db| envelopes_after(db, &team, newest(db, &team) - 1))
        .await;
    company.put_back("after").await;
    company
        .tamper(|db| put_envelope(db, &team, &envelope[0]))
        .await;
    for person in [&ada, &bob] {
        person.sync().await;
        assert_eq!(person.titles(), ["honest"], "{}", person.name);
    }
    // Nor for who comes later and never saw the time before.
    let carol = company.person("Carol").await;
    ada.share_with(&carol, MemberRole::Viewer).await;
    assert_eq!(carol.titles(), ["honest"]);
}

/// Row 32: the relay keeps from one device that another was revoked.
#[tokio::test]
async fn attack_32_keeping_a_revocation_from_another_device() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let desk = company.link(&ada, "desk").await;
    let tablet = company.link(&ada, "tablet").await;
    ada.sync().await;
    revoke(&ada, "tablet").await;
    ada.add("secret").await;
    company.save("after").await;
    let team = id_bytes(&ada.team());
    // The links that say so are gone from what the desk is shown; those that rest on them are not.
    let before = company
        .tamper(|db| {
            let account = account_of(db, &ada.id());
            let hide = "DELETE FROM link WHERE log = ?1 AND seq = (SELECT max(seq) FROM link WHERE log = ?1)";
            assert_eq!(db.execute(hide, [account]).unwrap(), 1);
            newest(db, &team)
        })
        .await;
    desk.client.sync(Mode::Once).await.unwrap();
    let status = desk.client.status().unwrap();
    assert_eq!(status.state, SyncState::Trouble);
    assert!(status.message.unwrap().contains("contradicts"));
    // Nothing leaves it under a key that the lost device has.
    desk.client.create(Company::event("plan")).unwrap();
    desk.client.sync(Mode::Once).await.unwrap();
    let now = company.tamper(|db| newest(db, &team)).await;
    assert_eq!(now, before);
    company.put_back("after").await;
    desk.sync().await;
    ada.sync().await;
    for device in [&ada, &desk] {
        assert_eq!(device.titles(), ["plan", "secret"]);
    }
    let gone = tablet.client.sync(Mode::Once).await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::DeviceRevoked);
}

/// Row 33: the relay never tells a device that it was revoked, and hands it everything.
#[tokio::test]
async fn attack_33_a_revoked_device_reads_on_with_the_relay_s_help() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let tablet = company.link(&ada, "tablet").await;
    ada.add("before").await;
    tablet.sync().await;
    company.save("kept from it").await;
    let team = id_bytes(&ada.team());
    let seen = company.tamper(|db| newest(db, &team)).await;
    revoke(&ada, "tablet").await;
    ada.add("secret").await;
    let unseen = company.tamper(|db| envelopes_after(db, &team, seen)).await;
    assert!(!unseen.is_empty());
    company.put_back("kept from it").await;
    company
        .tamper(|db| unseen.iter().for_each(|one| put_envelope(db, &team, one)))
        .await;
    tablet.client.sync(Mode::Once).await.unwrap();
    assert_eq!(tablet.titles(), ["before"]);
    assert!(!tablet.client.set_aside().unwrap().is_empty());
}

/// Row 5 of the adversaries: an open session of a younger device locks nobody out.
#[tokio::test]
async fn a_thief_of_a_younger_device_locks_nobody_out() {
    let company = Company::new().await;
    let ada = company.owner("Ada").await;
    let tablet = company.link(&ada, "tablet").await;
    let refused = tablet.client.revoke_device("Ada", RevokeWord::Stolen).await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::NotAllowed);
    // A kit of its own needs the older device, too.
    let kit = tablet.client.make_kit();
    let state = kit.confirm(&kit.words(), None, None).await.unwrap();
    assert!(matches!(
        state,
        almanac_client::KitState::NeedsConsent { .. }
    ));
    let alone = tablet.client.agree_to_kit(None).await;
    assert_eq!(alone.unwrap_err().code, ErrorCode::InvalidInput);
    assert!(!ada.client.recovery().unwrap().has_kit);
    revoke(&ada, "tablet").await;
    let over = tablet.client.sync(Mode::Once).await.unwrap_err();
    assert_eq!(over.code, ErrorCode::DeviceRevoked);
    // What the thief has wished for is void: the account has changed since.
    assert_eq!(ada.client.recovery().unwrap().awaits_consent, None);
}

impl Company {
    /// Someone on a new computer types words, and perhaps a code.
    async fn use_words(
        &self,
        words: &str,
        code: Option<&str>,
    ) -> almanac_client::Result<Recovered> {
        let unlock = Unlock::passphrase("correct horse battery").with_memory_mib(64);
        let folder = self.path("new computer");
        recover(&folder, &self.url(), words, "new", code, &unlock).await
    }

    /// What was begun is a day older.
    async fn a_day_later(&mut self) {
        self.tamper(|db| {
            let earlier = "UPDATE recovery_hold SET begun_ms = begun_ms - 86400000";
            db.execute(earlier, []).unwrap()
        })
        .await;
    }

    /// Words of a kit that no account has.
    fn strange_words(&self) -> String {
        let mut rng = super::cast::TestRng::new(9);
        let kit = almanac_crypto::recovery::NewKit::generate(&mut rng);
        kit.words().to_string()
    }

    /// What an authenticator shows that was given this.
    fn authenticator(&self, secret: &str) -> String {
        use almanac_protocol::second_factor::TotpSecret;

        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits = secret.chars().flat_map(|digit| {
            let value = digits.find(digit).unwrap();
            (0..5).rev().map(move |bit| (value >> bit) & 1)
        });
        let bits: Vec<usize> = bits.collect();
        let bytes = bits
            .chunks(8)
            .map(|byte| byte.iter().fold(0, |all, bit| all * 2 + bit));
        let bytes: Vec<u8> = bytes.map(|byte| u8::try_from(byte).unwrap()).collect();
        let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
        let now_ms = u64::try_from(since.unwrap().as_millis()).unwrap();
        TotpSecret::from_bytes(bytes.try_into().unwrap()).code(now_ms)
    }
}

impl Person {
    /// Makes a recovery kit and types its words back.
    async fn kit(&self) -> String {
        let kit = self.client.make_kit();
        let words = kit.words().to_string();
        let state = kit.confirm(&words, None, None).await.unwrap();
        assert_eq!(state, almanac_client::KitState::InForce);
        words
    }
}
