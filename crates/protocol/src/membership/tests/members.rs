//! Members: admitting, raising, lowering and removing them, and the epochs that go with it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::*;
use crate::ids::{FrameHash, Incarnation};
use crate::message::ChainHead;

/// People who share a calendar, by the seed of their first device.
pub(super) struct People {
    pub(super) accounts: BTreeMap<AccountId, AccountLog>,
    pub(super) log: CalendarLog,
}

impl People {
    /// Ada, who owns the calendar, and `count` people in all.
    pub(super) fn new(count: u8) -> Self {
        let accounts = (1..=count).map(|seed| (account(seed).id(), account(seed)));
        Self {
            accounts: accounts.collect(),
            log: calendar(&account(1)),
        }
    }

    pub(super) fn id(seed: u8) -> AccountId {
        static IDS: LazyLock<Vec<AccountId>> =
            LazyLock::new(|| (0..8).map(|seed| account(seed).id()).collect());
        IDS[usize::from(seed)]
    }

    pub(super) fn of(&self, seed: u8) -> &AccountLog {
        &self.accounts[&Self::id(seed)]
    }

    pub(super) fn section(&self, change: Option<(AccountId, Option<Role>)>) -> RotationSection {
        let epoch = self.log.epoch_now().section.epoch + 1;
        let byte = u8::try_from(epoch % 251).unwrap();
        RotationSection {
            epoch,
            commit_main: [byte; 32],
            commit_free_busy: [byte; 32],
            history_main: HistoryWrap::from_bytes([9; 72]),
            history_free_busy: HistoryWrap::from_bytes([9; 72]),
            members: self.log.next_members(change, &self.accounts).unwrap(),
        }
    }

    pub(super) fn change(&self, target: u8, role: Option<Role>) -> MemberChange {
        let account = Self::id(target);
        let lowers = role < self.log.role(&account);
        MemberChange {
            account,
            role,
            view: self.of(target).view(),
            invite: None,
            cuts: Vec::new(),
            rotation: lowers.then(|| self.section(Some((account, role)))),
        }
    }

    pub(super) fn link(&self, by: u8, change: &MemberChange) -> Vec<u8> {
        let (signer, account) = (TestSigner::new(by), self.of(by));
        self.log.change_member(&signer, account, change, 9).unwrap()
    }

    pub(super) fn append(&mut self, link: &[u8]) -> Result<Appended, LinkError> {
        self.log.append(link, &self.accounts)
    }

    pub(super) fn give(&mut self, target: u8, role: Option<Role>) -> Result<Appended, LinkError> {
        let link = self.link(1, &self.change(target, role));
        self.append(&link)
    }

    pub(super) fn renew(&mut self, seed: u8) {
        let log = self.accounts.get_mut(&Self::id(seed)).unwrap();
        log.append(&renewing(log, seed)).unwrap();
    }
}

#[test]
fn an_admitted_member_is_given_the_epoch_in_force() {
    let mut people = People::new(2);
    assert_eq!(people.give(2, Some(Role::Editor)), Ok(Appended::New));
    let bob = People::id(2);
    assert_eq!(people.log.role(&bob), Some(Role::Editor));
    assert_eq!(
        (people.log.role_at(&bob, 0), people.log.role_at(&bob, 2)),
        (None, None)
    );
    assert_eq!(people.log.epochs().len(), 1);
    let expected = Member {
        account: bob,
        puk_generation: 1,
        role: Role::Editor,
    };
    assert_eq!(people.log.epoch_now().addressee(&bob), Some(&expected));
    assert_eq!(people.log.members().len(), 2);
}

#[test]
fn a_lowered_role_begins_an_epoch_in_the_same_link() {
    for (before, after) in [
        (Role::Owner, Some(Role::Editor)),
        (Role::Editor, Some(Role::Viewer)),
        (Role::Editor, Some(Role::FreeBusy)),
        (Role::Viewer, None),
        (Role::FreeBusy, None),
    ] {
        let mut people = People::new(2);
        people.give(2, Some(before)).unwrap();
        let bare = MemberChange {
            rotation: None,
            ..people.change(2, after)
        };
        let link = people.link(1, &bare);
        assert_eq!(people.append(&link), Err(LinkError::Rotation));
        assert_eq!(people.give(2, after), Ok(Appended::New));
        assert_eq!(people.log.role(&People::id(2)), after);
        assert_eq!(people.log.epoch_now().section.epoch, 2);
    }
}

#[test]
fn a_raised_role_begins_none() {
    let mut people = People::new(2);
    people.give(2, Some(Role::FreeBusy)).unwrap();
    let with_epoch = MemberChange {
        rotation: Some(people.section(Some((People::id(2), Some(Role::Viewer))))),
        ..people.change(2, Some(Role::Viewer))
    };
    let link = people.link(1, &with_epoch);
    assert_eq!(people.append(&link), Err(LinkError::Rotation));
    people.renew(2);
    assert_eq!(people.give(2, Some(Role::Viewer)), Ok(Appended::New));
    let bob = *people.log.epoch_now().addressee(&People::id(2)).unwrap();
    assert_eq!((bob.role, bob.puk_generation), (Role::Viewer, 1));
    assert_eq!(
        people.log.stale_members(&people.accounts),
        vec![People::id(2)]
    );
}

#[test]
fn the_same_role_again_is_refused() {
    let mut people = People::new(2);
    assert_eq!(people.give(2, None), Err(LinkError::Unchanged));
    people.give(2, Some(Role::Viewer)).unwrap();
    assert_eq!(
        people.give(2, Some(Role::Viewer)),
        Err(LinkError::Unchanged)
    );
}

#[test]
fn a_calendar_keeps_an_owner() {
    let mut people = People::new(2);
    assert_eq!(
        people.give(1, Some(Role::Editor)),
        Err(LinkError::LastOwner)
    );
    assert_eq!(people.give(1, None), Err(LinkError::LastOwner));
    people.give(2, Some(Role::Owner)).unwrap();
    assert_eq!(people.give(1, Some(Role::Editor)), Ok(Appended::New));
    assert_eq!(people.log.role(&People::id(1)), Some(Role::Editor));
}

#[test]
fn nobody_makes_the_secret_it_is_to_be_kept_from() {
    let mut people = People::new(2);
    people.give(2, Some(Role::Owner)).unwrap();
    for role in [None, Some(Role::FreeBusy)] {
        assert_eq!(people.give(1, role), Err(LinkError::Role));
    }
    let link = people.link(2, &people.change(1, None));
    assert_eq!(people.append(&link), Ok(Appended::New));
}

#[test]
fn only_owners_change_members() {
    for role in [Role::Editor, Role::Viewer, Role::FreeBusy] {
        let mut people = People::new(3);
        people.give(2, Some(role)).unwrap();
        for change in [
            people.change(3, Some(Role::Viewer)),
            people.change(2, Some(Role::Owner)),
            people.change(2, None),
            people.change(1, None),
        ] {
            let link = people.link(2, &change);
            assert_eq!(people.append(&link), Err(LinkError::Role), "{role:?}");
        }
    }
}

#[test]
fn editors_rotate_and_readers_do_not() {
    for (role, expected) in [
        (Role::Owner, Ok(Appended::New)),
        (Role::Editor, Ok(Appended::New)),
        (Role::Viewer, Err(LinkError::Role)),
        (Role::FreeBusy, Err(LinkError::Role)),
    ] {
        let mut people = People::new(2);
        people.give(2, Some(role)).unwrap();
        let section = people.section(None);
        let (signer, account) = (TestSigner::new(2), people.of(2));
        let link = people.log.rotate(&signer, account, &section, 9).unwrap();
        assert_eq!(people.append(&link), expected);
    }
}

#[test]
fn an_epoch_is_for_exactly_the_members_under_keys_that_exist() {
    let mut people = People::new(3);
    people.give(2, Some(Role::Editor)).unwrap();
    people.give(3, Some(Role::Viewer)).unwrap();
    let good = people.change(3, None);
    let offer = |people: &mut People, change: &dyn Fn(&mut RotationSection)| {
        let mut member = good.clone();
        change(member.rotation.as_mut().unwrap());
        let link = people.link(1, &member);
        people.append(&link)
    };
    let members = Err(LinkError::Members);
    assert_eq!(offer(&mut people, &|r| r.members.clear()), members);
    assert_eq!(offer(&mut people, &|r| r.members.reverse()), members);
    assert_eq!(
        offer(&mut people, &|r| r.members[0].role = Role::Viewer),
        members
    );
    let with_removed = |r: &mut RotationSection| {
        r.members.push(Member {
            account: People::id(3),
            puk_generation: 1,
            role: Role::Viewer,
        });
    };
    assert_eq!(offer(&mut people, &with_removed), members);
    let of_bob = |r: &mut RotationSection, generation| {
        let bob = r.members.iter_mut().find(|m| m.account == People::id(2));
        bob.unwrap().puk_generation = generation;
    };
    let behind = LinkError::AccountBehind {
        account: People::id(2),
        seq: 1,
    };
    assert_eq!(offer(&mut people, &|r| of_bob(r, 2)), Err(behind));
    assert!(matches!(
        offer(&mut people, &|r| of_bob(r, 0)),
        Err(LinkError::PukGeneration { .. })
    ));
    assert_eq!(offer(&mut people, &|_| {}), Ok(Appended::New));
}

#[test]
fn keys_of_members_never_go_back() {
    let mut people = People::new(2);
    people.give(2, Some(Role::Editor)).unwrap();
    let old = people.section(None);
    people.renew(2);
    assert_eq!(
        people.log.stale_members(&people.accounts),
        vec![People::id(2)]
    );
    let new = people.section(None);
    let link = people
        .log
        .rotate(&TestSigner::new(1), people.of(1), &new, 9)
        .unwrap();
    people.append(&link).unwrap();
    assert!(people.log.stale_members(&people.accounts).is_empty());
    let back = RotationSection { epoch: 3, ..old };
    let link = people
        .log
        .rotate(&TestSigner::new(1), people.of(1), &back, 9)
        .unwrap();
    let expected = LinkError::PukGeneration {
        expected: 2,
        found: 1,
    };
    assert_eq!(people.append(&link), Err(expected));
}

#[test]
fn a_log_reads_the_same_after_its_accounts_have_gone_on() {
    let mut people = People::new(2);
    let genesis = calendar_genesis(people.of(1))
        .build(&TestSigner::new(1), people.of(1), 3)
        .unwrap();
    let mut links = vec![genesis];
    links.push(people.link(1, &people.change(2, Some(Role::Editor))));
    people.append(&links[1]).unwrap();
    let section = people.section(None);
    links.push(
        people
            .log
            .rotate(&TestSigner::new(2), people.of(2), &section, 9)
            .unwrap(),
    );
    people.append(&links[2]).unwrap();
    links.push(people.link(1, &people.change(2, None)));
    people.append(&links[3]).unwrap();
    people.renew(1);
    people.renew(2);
    let again = CalendarLog::from_links(&links, &people.accounts);
    assert_eq!(again, Ok(people.log));
}

#[test]
fn cuts_name_devices_of_whoever_loses_the_right_to_write() {
    let mut people = People::new(3);
    people.give(2, Some(Role::Editor)).unwrap();
    people.give(3, Some(Role::Viewer)).unwrap();
    let cut = |seed: u8, life: u8| CalendarCut {
        device: bundle(seed).device_id(),
        incarnation: Incarnation::from_bytes([life; 8]),
        head: ChainHead {
            seq: 4,
            hash: FrameHash::from_bytes([4; 32]),
        },
    };
    let offer = |people: &mut People, target, role, cuts: Vec<CalendarCut>| {
        let change = MemberChange {
            cuts,
            ..people.change(target, role)
        };
        let link = people.link(1, &change);
        people.append(&link)
    };
    let wrong = Err(LinkError::Cuts);
    assert_eq!(offer(&mut people, 2, None, vec![cut(1, 1)]), wrong);
    assert_eq!(
        offer(&mut people, 2, None, vec![cut(2, 2), cut(2, 1)]),
        wrong
    );
    assert_eq!(offer(&mut people, 3, None, vec![cut(3, 1)]), wrong);
    assert_eq!(
        offer(&mut people, 2, Some(Role::Owner), vec![cut(2, 1)]),
        wrong
    );
    let cuts = vec![cut(2, 1), cut(2, 2)];
    let done = offer(&mut people, 2, Some(Role::Viewer), cuts.clone());
    assert_eq!(done, Ok(Appended::New));
    let expected = Lowering {
        seq: 3,
        account: People::id(2),
        cuts,
    };
    assert_eq!(people.log.lowerings(), &[expected]);
    people.give(2, None).unwrap();
    assert_eq!(people.log.lowerings().len(), 1);
}

#[test]
fn a_member_is_admitted_as_its_own_log_says() {
    let mut people = People::new(2);
    let good = people.change(2, Some(Role::Viewer));
    people.accounts.remove(&People::id(2));
    let link = people.link(1, &good);
    let unknown = LinkError::AccountUnknown(People::id(2));
    assert_eq!(people.append(&link), Err(unknown));
    let mut longer = account(2);
    longer.append(&renewing(&longer, 2)).unwrap();
    let ahead = MemberChange {
        view: longer.view(),
        ..good.clone()
    };
    people.accounts.insert(People::id(2), account(2));
    let link = people.link(1, &ahead);
    assert!(people.append(&link).unwrap_err().is_fetch_needed());
    people.accounts.insert(People::id(2), longer);
    assert_eq!(people.append(&link), Ok(Appended::New));
    let bob = people.log.epoch_now().addressee(&People::id(2)).unwrap();
    assert_eq!(bob.puk_generation, 2);
    let back = MemberChange {
        view: good.view,
        ..people.change(2, Some(Role::Editor))
    };
    let link = people.link(1, &back);
    assert_eq!(people.append(&link), Err(LinkError::ViewOlder));
}

#[test]
fn a_revoked_device_cannot_quote_the_time_before() {
    let mut people = People::new(2);
    people.give(2, Some(Role::Owner)).unwrap();
    let before = people.of(2).clone();
    let bob = people.accounts.get_mut(&People::id(2)).unwrap();
    bob.append(&adding(bob, 2, 12)).unwrap();
    let device = bundle(12).device_id();
    let thief = bob.clone();
    let revoke = Revoke {
        device,
        reason: RevokeReason::Stolen,
        cuts: Vec::new(),
        rotation: puk_section(bob, remaining(bob, Some(device))),
    };
    bob.append(&bob.revoke(&TestSigner::new(2), &revoke, 6).unwrap())
        .unwrap();
    let section = people.section(None);
    let link = people
        .log
        .rotate(&TestSigner::new(2), people.of(2), &section, 9)
        .unwrap();
    people.append(&link).unwrap();
    let change = people.change(1, Some(Role::Viewer));
    let late = people
        .log
        .change_member(&TestSigner::new(12), &thief, &change, 9)
        .unwrap();
    assert_eq!(people.append(&late), Err(LinkError::ViewOlder));
    let older = people
        .log
        .change_member(&TestSigner::new(2), &before, &change, 9)
        .unwrap();
    assert_eq!(people.append(&older), Err(LinkError::ViewOlder));
}

#[test]
fn a_private_calendar_has_one_member_and_invites_nobody() {
    let ada = account(1);
    let genesis = CalendarGenesis {
        purpose: CalendarPurpose::Private,
        ..calendar_genesis(&ada)
    };
    let link = genesis.build(&TestSigner::new(1), &ada, 3).unwrap();
    let mut people = People::new(2);
    people.log = CalendarLog::begin(&link, &ada).unwrap();
    assert_eq!(people.give(2, Some(Role::Viewer)), Err(LinkError::Private));
    let terms = InviteTerms {
        key: TestSigner::new(99).verify_key(),
        role: Role::Viewer,
        expires_ms: 1,
    };
    let link = people
        .log
        .open_invite(&TestSigner::new(1), &ada, &terms, 9)
        .unwrap();
    assert_eq!(people.append(&link), Err(LinkError::Private));
}

#[test]
fn a_format_is_never_lowered_and_a_later_one_asks_for_an_update() {
    let mut people = People::new(2);
    people.give(2, Some(Role::Editor)).unwrap();
    let policy = |people: &People, by: u8, format| {
        people
            .log
            .set_policy(&TestSigner::new(by), people.of(by), format, 9)
            .unwrap()
    };
    let link = policy(&people, 1, 2);
    assert!(people.append(&link).unwrap_err().is_update_needed());
    let link = policy(&people, 1, 0);
    assert_eq!(people.append(&link), Err(LinkError::Format(0)));
    let link = policy(&people, 2, 1);
    assert_eq!(people.append(&link), Err(LinkError::Role));
    let link = policy(&people, 1, 1);
    assert_eq!(people.append(&link), Ok(Appended::New));
}

#[test]
fn the_payload_survives_its_bytes_and_no_other_length() {
    let mut people = People::new(2);
    people.give(2, Some(Role::Editor)).unwrap();
    for role in [None, Some(Role::Owner)] {
        let good = people.change(2, role);
        let bytes = good.to_bytes();
        assert_eq!(MemberChange::parse(&bytes), Ok(good));
        for end in 0..bytes.len() {
            assert!(MemberChange::parse(&bytes[..end]).is_err(), "{end}");
        }
        assert!(MemberChange::parse(&[&bytes[..], &[0]].concat()).is_err());
    }
}
