//! Row 33: no log that can be reached has someone removed who was given the secret in force.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::members::People;
use super::*;

const PEOPLE: u8 = 4;

/// What someone tries, whether they may or not.
#[derive(Debug, Clone)]
enum Attempt {
    Give {
        by: u8,
        target: u8,
        role: u8,
        bare: bool,
    },
    Rotate {
        by: u8,
    },
    Renew {
        who: u8,
    },
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let person = 1..=PEOPLE;
    prop_oneof![
        6 => (person.clone(), person.clone(), 0..=4_u8, prop::bool::weighted(0.1))
            .prop_map(|(by, target, role, bare)| Attempt::Give { by, target, role, bare }),
        2 => person.clone().prop_map(|by| Attempt::Rotate { by }),
        1 => person.prop_map(|who| Attempt::Renew { who }),
    ]
}

/// Who was given, or made, the main and the free/busy secret of each epoch.
#[derive(Default)]
struct Known {
    main: BTreeMap<u32, BTreeSet<AccountId>>,
    free_busy: BTreeMap<u32, BTreeSet<AccountId>>,
}

impl Known {
    fn note(&mut self, log: &CalendarLog, maker: Option<AccountId>) {
        let epoch = log.epoch_now();
        let number = epoch.section.epoch;
        let main = self.main.entry(number).or_default();
        main.extend(maker);
        let readers = epoch.addressees().iter().filter(|m| m.role.can_read());
        main.extend(readers.map(|member| member.account));
        let all = self.free_busy.entry(number).or_default();
        all.extend(maker);
        all.extend(epoch.addressees().iter().map(|member| member.account));
    }

    fn check(&self, log: &CalendarLog) {
        let now = log.epoch_now().section.epoch;
        for account in &self.main[&now] {
            let role = log.role(account);
            assert!(
                role.is_some_and(Role::can_read),
                "{role:?} knows the main secret"
            );
        }
        for account in &self.free_busy[&now] {
            assert!(
                log.role(account).is_some(),
                "a stranger knows a secret in force"
            );
        }
        let members = log.members();
        let addressees: Vec<_> = log.epoch_now().addressees().iter().collect();
        assert_eq!(members.len(), addressees.len());
        assert!(members.iter().any(|(_, role)| *role == Role::Owner));
        for ((account, role), addressee) in members.iter().zip(addressees) {
            assert_eq!((*account, *role), (addressee.account, addressee.role));
        }
    }
}

fn tried(people: &mut People, attempt: &Attempt) -> Option<AccountId> {
    let before = people.log.epochs().len();
    let (by, link) = match *attempt {
        Attempt::Give {
            by,
            target,
            role,
            bare,
        } => {
            let role = (role > 0).then(|| Role::from_number(role).unwrap());
            let mut change = people.change(target, role);
            if bare {
                change.rotation = None;
            }
            (by, people.link(by, &change))
        }
        Attempt::Rotate { by } => {
            let section = people.section(None);
            let log = &people.log;
            (
                by,
                log.rotate(&TestSigner::new(by), people.of(by), &section, 9)
                    .unwrap(),
            )
        }
        Attempt::Renew { who } => {
            people.renew(who);
            return None;
        }
    };
    let log = people.log.clone();
    if people.append(&link).is_err() {
        assert_eq!(people.log, log, "a refused link has changed the log");
        return None;
    }
    (people.log.epochs().len() > before).then(|| People::id(by))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nobody_who_was_removed_knows_the_secret_in_force(
        attempts in prop::collection::vec(attempt(), 1..40)
    ) {
        let (mut people, mut known) = (People::new(PEOPLE), Known::default());
        known.note(&people.log, None);
        for attempt in &attempts {
            let maker = tried(&mut people, attempt);
            known.note(&people.log, maker);
            known.check(&people.log);
        }
    }
}

/// Of two owners who act at once: what the second one's wish is worth is what the log says of it.
fn a_wish_after_another_link(attempts: &[Attempt], wish: (u8, u8, u8), other: &Attempt) {
    let mut people = People::new(PEOPLE);
    for attempt in attempts {
        tried(&mut people, attempt);
    }
    let (by, target, role) = wish;
    let role = (role > 0).then(|| Role::from_number(role).unwrap());
    let account = People::id(target);
    let intent = Intent::Role {
        account,
        from: people.log.role(&account),
        to: role,
        invite: None,
    };
    let before = people.log.role(&account);
    tried(&mut people, other);
    let verdict = intent.after(&people.log, &People::id(by));
    let link = people.link(by, &people.change(target, role));
    let outcome = people.log.clone().append(&link, &people.accounts);
    match verdict {
        IntentVerdict::Again => assert_eq!(outcome, Ok(Appended::New)),
        IntentVerdict::Done => assert_eq!(people.log.role(&account), role),
        IntentVerdict::Ask => assert_ne!(people.log.role(&account), before),
        IntentVerdict::Forbidden => assert!(outcome.is_err()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_wish_is_worth_what_the_log_says_of_it(
        attempts in prop::collection::vec(attempt(), 0..12),
        wish in (1..=PEOPLE, 1..=PEOPLE, 0..=4_u8),
        other in attempt(),
    ) {
        a_wish_after_another_link(&attempts, wish, &other);
    }
}
