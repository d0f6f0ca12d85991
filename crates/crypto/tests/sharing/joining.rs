//! Invites: what a finder of the text, a relay or a thief of an acceptance gets out of them. Row 42.

use almanac_crypto::invite::{
    CalendarInvite, Card, INVITE_MS_MAX, InviteError, accept, candidate, invite_terms,
};
use almanac_crypto::puk::PukSeeds;
use almanac_crypto::secret::InviteSecret;
use almanac_protocol::ids::{AccountId, VerifyKey};
use almanac_protocol::join::{ACCEPTANCE_BYTES, JoinError, SignedAcceptance, look_body};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{LinkError, LogView, MemberChange, Role};
use almanac_protocol::safety_number::SafetyNumber;
use almanac_protocol::signed::{Signer, verify};

use super::people::{Person, SeededRng, Shared};

const EXPIRES: u64 = 1_700_000_600_000;
const NOW: u64 = 1_700_000_000_000;
const BOB: Card<'static> = Card {
    name: "Bob",
    colour: [1, 2, 3],
};

/// Ada's calendar with an open invite, and Bob, who was given its text.
pub(crate) struct Scene {
    pub(crate) ada: Person,
    pub(crate) bob: Person,
    pub(crate) shared: Shared,
    pub(crate) invite: CalendarInvite,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let (ada, bob) = (Person::new("ada"), Person::new("bob"));
        let mut shared = Shared::new(&ada);
        shared.meet(&bob);
        let secret = InviteSecret::from_bytes([0x1A; 32]);
        let terms = invite_terms(&secret, Role::Editor, NOW, EXPIRES - NOW);
        let link = shared.log.open_invite(&ada.keys, &ada.log, &terms, NOW);
        shared.take(link.unwrap());
        let invite = CalendarInvite {
            origin: "https://relay.example".to_owned(),
            calendar: shared.log.id(),
            secret,
            inviter: ada.id(),
            view: shared.log.view(),
        };
        Self {
            ada,
            bob,
            shared,
            invite,
        }
    }

    pub(crate) fn acceptance(&self) -> Vec<u8> {
        let mut rng = SeededRng::new("acceptance");
        let joiner = (&self.bob.log, &self.bob.keys);
        accept(&mut rng, &self.invite, &self.ada.log, joiner, BOB).unwrap()
    }

    fn judged(&self, acceptance: &[u8], now_ms: u64) -> Result<AccountId, InviteError> {
        let seeds = PukSeeds::open(&self.ada.log, self.ada.puk.clone()).unwrap();
        let id = self.ada.id();
        let (log, accounts) = (&self.shared.log, &self.shared.accounts);
        candidate(log, accounts, (&id, &seeds), acceptance, now_ms).map(|c| c.account)
    }
}

#[test]
fn an_invite_survives_its_text_as_people_send_it() {
    let scene = Scene::new();
    let text = scene.invite.to_text();
    assert!(text.starts_with("ALM1"));
    let letters = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    assert!(text.chars().all(letters), "a picture would need more room");
    assert_eq!(text.parse(), Ok(scene.invite.clone()));
    let mut broken = text.to_lowercase();
    for at in (20..text.len()).step_by(21).rev() {
        broken.insert_str(at, "\r\n  ");
    }
    assert_eq!(broken.parse(), Ok(scene.invite.clone()));
    for end in 0..text.len() {
        assert!(text[..end].parse::<CalendarInvite>().is_err(), "{end}");
    }
    for at in 4..text.len() {
        let other = if &text[at..=at] == "7" { "8" } else { "7" };
        let bent = format!("{}{other}{}", &text[..at], &text[at + 1..]);
        let read = bent.parse::<CalendarInvite>();
        assert_eq!(read, Err(InviteError::Text), "character {at}");
    }
    assert_eq!(
        "https://relay.example/".parse::<CalendarInvite>(),
        Err(InviteError::Text)
    );
    assert!(!format!("{:?}", scene.invite).contains("26, 26"));
}

#[test]
fn the_text_holds_no_key_of_the_calendar() {
    let scene = Scene::new();
    let text = scene.invite.to_text();
    let bytes = almanac_protocol::codes::from_base32(&text[4..]).unwrap();
    for secret in scene.shared.secrets.iter().map(|secret| secret.expose()) {
        assert!(!bytes.windows(32).any(|window| window == secret));
    }
}

#[test]
fn a_joiner_finds_the_invite_in_the_log_that_the_owner_had() {
    let mut scene = Scene::new();
    let found = scene.invite.found_in(&scene.shared.log, NOW).unwrap();
    assert_eq!(
        (found.terms.role, found.inviter),
        (Role::Editor, scene.ada.id())
    );
    let over = scene.invite.found_in(&scene.shared.log, EXPIRES);
    assert_eq!(over.err(), Some(InviteError::Expired));
    let other = Shared::new(&scene.bob);
    let wrong = scene.invite.found_in(&other.log, NOW);
    assert_eq!(wrong.err(), Some(InviteError::Log(LinkError::Log)));
    let by_other = CalendarInvite {
        inviter: scene.bob.id(),
        ..scene.invite.clone()
    };
    let wrong = by_other.found_in(&scene.shared.log, NOW);
    assert_eq!(wrong.err(), Some(InviteError::NotOpen));
    let forked = CalendarInvite {
        view: LogView {
            head: scene.bob.log.view().head,
            ..scene.invite.view
        },
        ..scene.invite.clone()
    };
    let wrong = forked.found_in(&scene.shared.log, NOW);
    assert_eq!(
        wrong.err(),
        Some(InviteError::Log(LinkError::Fork { seq: 1 }))
    );
    let key = scene.invite.key().verify_key();
    let link = scene
        .shared
        .log
        .end_invite(&scene.ada.keys, &scene.ada.log, &key, 9);
    scene.shared.take(link.unwrap());
    let ended = scene.invite.found_in(&scene.shared.log, NOW);
    assert_eq!(ended.err(), Some(InviteError::NotOpen));
}

#[test]
fn the_owner_sees_who_asks_and_admits() {
    let mut scene = Scene::new();
    let acceptance = scene.acceptance();
    assert_eq!(acceptance.len(), ACCEPTANCE_BYTES);
    let seeds = PukSeeds::open(&scene.ada.log, scene.ada.puk.clone()).unwrap();
    let id = scene.ada.id();
    let (log, accounts) = (&scene.shared.log, &scene.shared.accounts);
    let seen = candidate(log, accounts, (&id, &seeds), &acceptance, NOW).unwrap();
    let profile = seen.profile.as_ref().unwrap().body();
    assert_eq!((profile.name.as_str(), profile.colour), ("Bob", [1, 2, 3]));
    assert_eq!((seen.account, seen.role), (scene.bob.id(), Role::Editor));
    assert_eq!(
        seen.safety,
        SafetyNumber::of(&scene.bob.id(), &scene.ada.id())
    );
    let change = MemberChange {
        account: seen.account,
        role: Some(seen.role),
        view: seen.view,
        invite: Some(seen.invite),
        cuts: Vec::new(),
        rotation: None,
    };
    let link = log.change_member(&scene.ada.keys, &scene.ada.log, &change, 9);
    scene.shared.take(link.unwrap());
    assert_eq!(scene.shared.log.role(&scene.bob.id()), Some(Role::Editor));
    // Used: the same acceptance admits nobody any more.
    let again = scene.judged(&acceptance, NOW);
    assert_eq!(again, Err(InviteError::Join(JoinError::NotOpen)));
}

#[test]
fn another_owner_sees_the_account_and_not_the_name() {
    let mut scene = Scene::new();
    let carol = Person::new("carol");
    scene.shared.give(&scene.ada, &carol, Some(Role::Owner));
    let acceptance = scene.acceptance();
    let seeds = PukSeeds::open(&carol.log, carol.puk.clone()).unwrap();
    let (log, accounts) = (&scene.shared.log, &scene.shared.accounts);
    let seen = candidate(log, accounts, (&carol.id(), &seeds), &acceptance, NOW).unwrap();
    assert_eq!((seen.account, seen.profile), (scene.bob.id(), None));
}

#[test]
fn an_acceptance_is_for_one_account_in_one_calendar() {
    let scene = Scene::new();
    let good = scene.acceptance();
    assert_eq!(scene.judged(&good, NOW), Ok(scene.bob.id()));
    // Whoever reads it on the way cannot put another account, calendar, view or owner in.
    for at in 0..238 {
        let mut bent = good.clone();
        bent[at] ^= 1;
        assert!(scene.judged(&bent, NOW).is_err(), "byte {at}");
    }
    for at in [238, 700, 1357, 1358, 1500, ACCEPTANCE_BYTES - 1] {
        let mut bent = good.clone();
        bent[at] ^= 1;
        let verdict = scene.judged(&bent, NOW);
        assert!(matches!(verdict, Err(InviteError::Seal(_))), "byte {at}");
    }
    assert!(SignedAcceptance::parse(&good[1..]).is_err());
    assert!(SignedAcceptance::parse(&[&good[..], &[0]].concat()).is_err());
}

#[test]
fn a_card_is_not_passed_off_as_anothers() {
    let scene = Scene::new();
    let eve = Person::new("eve");
    let theirs = scene.acceptance();
    let mut rng = SeededRng::new("eve accepts");
    let joiner = (&eve.log, &eve.keys);
    let hers = accept(&mut rng, &scene.invite, &scene.ada.log, joiner, BOB).unwrap();
    let mut shared = Scene::new();
    shared.shared.meet(&eve);
    // Eve's acceptance with Bob's card in it, and the other way round.
    for (head, card) in [(&hers, &theirs), (&theirs, &hers)] {
        let mixed = [&head[..238], &card[238..]].concat();
        assert!(matches!(
            shared.judged(&mixed, NOW),
            Err(InviteError::Seal(_))
        ));
    }
    // Eve asks in Bob's name: she has the invite, and not his key.
    let joiner = (&scene.bob.log, &eve.keys);
    let forged = accept(&mut rng, &scene.invite, &scene.ada.log, joiner, BOB).unwrap();
    assert!(matches!(
        scene.judged(&forged, NOW),
        Err(InviteError::Profile(_))
    ));
}

#[test]
fn an_acceptance_is_too_late_or_from_who_is_there() {
    let mut scene = Scene::new();
    let good = scene.acceptance();
    let join = |error| Err(InviteError::Join(error));
    assert_eq!(scene.judged(&good, EXPIRES), join(JoinError::Expired));
    let other = Shared::new(&scene.bob);
    let accounts = &scene.shared.accounts;
    let read = SignedAcceptance::parse(&good).unwrap();
    let wrong = read.judge(&other.log, accounts, NOW);
    assert_eq!(wrong.err(), Some(JoinError::OtherCalendar));
    let bob = scene.shared.accounts.remove(&scene.bob.id()).unwrap();
    assert_eq!(scene.judged(&good, NOW), join(JoinError::AccountMissing));
    scene.shared.accounts.insert(bob.id(), bob);
    scene
        .shared
        .give(&scene.ada, &scene.bob, Some(Role::Viewer));
    assert_eq!(scene.judged(&good, NOW), join(JoinError::Member));
}

/// Only the owner who invites is named as that: another cannot be made to vouch for a stranger.
#[test]
fn an_acceptance_names_the_owner_who_invited() {
    let mut scene = Scene::new();
    let carol = Person::new("carol");
    scene.shared.give(&scene.ada, &carol, Some(Role::Owner));
    let by_carol = CalendarInvite {
        inviter: carol.id(),
        ..scene.invite.clone()
    };
    let mut rng = SeededRng::new("acceptance");
    let joiner = (&scene.bob.log, &scene.bob.keys);
    let forged = accept(&mut rng, &by_carol, &carol.log, joiner, BOB).unwrap();
    let expected = Err(InviteError::Join(JoinError::Inviter));
    assert_eq!(scene.judged(&forged, NOW), expected);
    let wrong_log = accept(&mut rng, &scene.invite, &carol.log, joiner, BOB);
    assert_eq!(wrong_log.err(), Some(InviteError::NotOpen));
}

/// The relay shows a calendar's log to who holds the invite, on this connection only.
#[test]
fn a_look_at_the_log_is_for_one_connection() {
    let scene = Scene::new();
    let (account, device) = (scene.bob.id(), scene.bob.keys.device_id());
    let body = |origin: &str, nonce: u8| {
        let nonces = (&[nonce; 32], &[2; 32]);
        look_body(origin, nonces, &scene.invite.calendar, &account, &device).unwrap()
    };
    let key: VerifyKey = scene.invite.key().verify_key();
    let here = body("https://relay.example", 1);
    let signature = scene.invite.key().sign(Purpose::InviteLook, &here);
    assert!(verify(Purpose::InviteLook, &key, &here, &signature).is_ok());
    for other in [
        body("https://relay.example", 3),
        body("https://evil.example", 1),
    ] {
        assert!(verify(Purpose::InviteLook, &key, &other, &signature).is_err());
    }
    assert!(verify(Purpose::InviteAccept, &key, &here, &signature).is_err());
}

#[test]
fn an_invite_is_open_for_a_week_at_most() {
    let secret = InviteSecret::from_bytes([1; 32]);
    let terms = |open_ms| invite_terms(&secret, Role::Viewer, NOW, open_ms);
    assert_eq!(terms(5).expires_ms, NOW + 5);
    assert_eq!(terms(u64::MAX).expires_ms, NOW + INVITE_MS_MAX);
}

/// Row 41: nothing that reaches the relay holds the secret, in whatever letters, nor the name.
#[test]
fn the_relay_is_told_neither_secret_nor_name() {
    let scene = Scene::new();
    let nonces = (&[1; 32], &[2; 32]);
    let (account, device) = (scene.bob.id(), scene.bob.keys.device_id());
    let look = look_body(
        "https://relay.example",
        nonces,
        &scene.invite.calendar,
        &account,
        &device,
    );
    let signature = scene.invite.key().sign(Purpose::InviteLook, &look.unwrap());
    let told = [
        scene.shared.links.concat(),
        scene.acceptance(),
        signature.as_bytes().to_vec(),
        scene.invite.key().verify_key().as_bytes().to_vec(),
    ]
    .concat();
    let secret = scene.invite.secret.expose();
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let letters = almanac_protocol::codes::base32(secret);
    for needle in [&secret[..], hex.as_bytes(), letters.as_bytes(), b"Bob"] {
        let found = told.windows(needle.len()).any(|window| window == needle);
        assert!(!found, "{needle:?}");
    }
}
