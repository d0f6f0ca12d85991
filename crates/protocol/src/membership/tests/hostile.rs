//! Row 11: links by whoever is no owner, random or bent, of which none is taken.
//!
//! `ALMANAC_HOSTILE_LINKS` says how many; the test run has a few thousand.

use super::members::People;
use super::*;
use crate::ids::VerifyKey;

/// A stream of choices that is the same in every run.
struct Choices(blake3::OutputReader);

impl Choices {
    fn new(seed: &str) -> Self {
        Self(blake3::Hasher::new().update(seed.as_bytes()).finalize_xof())
    }

    fn below(&mut self, end: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        let number = u64::from_be_bytes(bytes) % u64::try_from(end).unwrap();
        usize::try_from(number).unwrap()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.fill(&mut bytes);
        bytes
    }
}

fn count() -> usize {
    let asked = std::env::var("ALMANAC_HOSTILE_LINKS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(3_000)
}

/// A calendar of Ada's with an editor, a viewer, someone who sees when she is busy, someone who was
/// removed, and a stranger.
fn company() -> People {
    let mut people = People::new(6);
    people.give(2, Some(Role::Editor)).unwrap();
    people.give(3, Some(Role::Viewer)).unwrap();
    people.give(4, Some(Role::FreeBusy)).unwrap();
    people.give(5, Some(Role::Owner)).unwrap();
    people.give(5, None).unwrap();
    people
}

fn payload(choices: &mut Choices, people: &People, link_type: LinkType) -> Vec<u8> {
    let target = u8::try_from(1 + choices.below(6)).unwrap();
    let role = choices.below(5);
    let role = (role > 0).then(|| Role::from_number(u8::try_from(role).unwrap()).unwrap());
    match link_type {
        LinkType::Member => people.change(target, role).to_bytes(),
        LinkType::Rotate => people.section(None).to_bytes(),
        LinkType::Invite => InviteTerms {
            key: VerifyKey::from_bytes(choices.bytes(32).try_into().unwrap()),
            role: role.unwrap_or(Role::Owner),
            expires_ms: 9,
        }
        .to_bytes(),
        LinkType::Policy => vec![1],
        LinkType::InviteEnd
        | LinkType::AccountGenesis
        | LinkType::AddDevice
        | LinkType::Revoke
        | LinkType::RotatePuk
        | LinkType::ReplaceRecovery
        | LinkType::CalendarGenesis => {
            let length = choices.below(80);
            choices.bytes(length)
        }
    }
}

/// What a link of an owner may carry, signed by someone who is none.
fn foreign(choices: &mut Choices, people: &People) -> Vec<u8> {
    const TYPES: [LinkType; 5] = [
        LinkType::Member,
        LinkType::Rotate,
        LinkType::Invite,
        LinkType::InviteEnd,
        LinkType::Policy,
    ];
    let link_type = TYPES[choices.below(TYPES.len())];
    // An editor may rotate: everyone else tries that too.
    let first = if link_type == LinkType::Rotate { 3 } else { 2 };
    let by = first + u8::try_from(choices.below(usize::from(7 - first))).unwrap();
    let claims = u8::try_from(1 + choices.below(6)).unwrap();
    let mut link = Link {
        link_type,
        log: people.log.id().into(),
        seq: people.log.count(),
        prev: people.log.view().head,
        device: bundle(by).device_id(),
        account: People::id(by),
        view: people.of(by).view(),
        time_ms: 9,
        payload: payload(choices, people, link_type),
    };
    match choices.below(4) {
        0 => link.device = bundle(claims).device_id(),
        1 => link.account = People::id(claims),
        2 => {
            let claimed = people.of(claims);
            (link.device, link.account) = (bundle(claims).device_id(), claimed.id());
            link.view = claimed.view();
        }
        _ => {}
    }
    link.sign(&TestSigner::new(by))
}

/// A link that Ada did sign, and one that changed it on the way.
fn bent(choices: &mut Choices, good: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..=choices.below(3) {
        let at = choices.below(bytes.len());
        match choices.below(3) {
            0 => bytes[at] ^= 1 << choices.below(8),
            1 => bytes.truncate(at.max(1)),
            _ => bytes.insert(at, u8::try_from(choices.below(256)).unwrap()),
        }
    }
    bytes
}

#[test]
fn of_many_links_by_non_owners_none_is_taken() {
    let mut people = company();
    let before = people.log.clone();
    let good = people.link(1, &people.change(6, Some(Role::Editor)));
    let mut choices = Choices::new("non-owners");
    for number in 0..count() {
        let link = if choices.below(2) == 0 {
            foreign(&mut choices, &people)
        } else {
            bent(&mut choices, &good)
        };
        if link == good {
            continue;
        }
        assert!(people.append(&link).is_err(), "link {number} was taken");
    }
    assert_eq!(people.log, before);
    assert_eq!(people.append(&good), Ok(Appended::New));
}

/// The same for an account: links by devices of others, by a revoked one, and bent ones.
#[test]
fn of_many_links_by_foreign_devices_none_is_taken() {
    let mut log = account(1);
    log.append(&adding(&log, 1, 2)).unwrap();
    let device = bundle(2).device_id();
    let revoke = Revoke {
        device,
        reason: RevokeReason::Stolen,
        cuts: Vec::new(),
        rotation: puk_section(&log, remaining(&log, Some(device))),
    };
    log.append(&log.revoke(&TestSigner::new(1), &revoke, 6).unwrap())
        .unwrap();
    let before = log.clone();
    let good = [adding(&log, 1, 3), renewing(&log, 1)];
    let mut choices = Choices::new("foreign devices");
    for number in 0..count() {
        let model = &good[choices.below(2)];
        let link = if choices.below(2) == 0 {
            bent(&mut choices, model)
        } else {
            let by = u8::try_from(2 + choices.below(5)).unwrap();
            let claims = u8::try_from(1 + choices.below(6)).unwrap();
            resigned(model, by, |link| link.device = bundle(claims).device_id())
        };
        if good.contains(&link) {
            continue;
        }
        assert!(log.append(&link).is_err(), "link {number} was taken");
    }
    assert_eq!(log, before);
}
