//! Row 9: no log of an account that can be reached has a device that was revoked and knows the key in
//! force, and no junior device removes a senior one.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// What devices of one account try.
#[derive(Debug, Clone)]
enum DeviceAttempt {
    Add { by: u8 },
    Revoke { by: u8, target: u8 },
    Renew { by: u8 },
    Replace { by: u8, second: u8 },
}

fn device_attempt() -> impl Strategy<Value = DeviceAttempt> {
    let device = 1..10_u8;
    prop_oneof![
        3 => device.clone().prop_map(|by| DeviceAttempt::Add { by }),
        3 => (device.clone(), device.clone())
            .prop_map(|(by, target)| DeviceAttempt::Revoke { by, target }),
        1 => device.clone().prop_map(|by| DeviceAttempt::Renew { by }),
        1 => (device.clone(), device).prop_map(|(by, second)| DeviceAttempt::Replace { by, second }),
    ]
}

/// Devices by the number at which they came, kits from 200 on.
struct Household {
    log: AccountLog,
    next: u8,
    next_kit: u8,
    /// Who knows the seed of each generation.
    known: BTreeMap<u32, BTreeSet<DeviceId>>,
}

impl Household {
    fn kit(seed: u8) -> DeviceBundle {
        DeviceBundle {
            class: DeviceClass::Recovery,
            ..bundle(seed)
        }
    }

    /// The signer of a number: a device, or for 9 the kit in force.
    fn seed(&self, number: u8) -> u8 {
        if number == 9 {
            self.next_kit - 1
        } else {
            number
        }
    }

    fn link(&mut self, attempt: &DeviceAttempt) -> Option<(u8, Vec<u8>)> {
        let log = &self.log;
        let (by, link) = match *attempt {
            DeviceAttempt::Add { by } => {
                let by = self.seed(by);
                let added = bundle(self.next);
                let body = possession_of_added_device(&log.id(), log.count(), &added);
                let proof = TestSigner::new(self.next).sign(Purpose::DevicePossession, &body);
                (by, log.add_device(&TestSigner::new(by), &added, &proof, 2))
            }
            DeviceAttempt::Revoke { by, target } => {
                let by = self.seed(by);
                let device = bundle(target).device_id();
                let revoke = Revoke {
                    device,
                    reason: RevokeReason::Lost,
                    cuts: Vec::new(),
                    rotation: puk_section(log, remaining(log, Some(device))),
                };
                (by, log.revoke(&TestSigner::new(by), &revoke, 2))
            }
            DeviceAttempt::Renew { by } => {
                let by = self.seed(by);
                let section = puk_section(log, remaining(log, None));
                (by, log.rotate_puk(&TestSigner::new(by), &section, 2))
            }
            DeviceAttempt::Replace { by, second } => {
                let (by, kit) = (self.seed(by), Self::kit(self.next_kit));
                let body = possession_of_added_device(&log.id(), log.count(), &kit);
                let proof = TestSigner::new(self.next_kit);
                let consent = co_sign_body(&log.id(), log.count(), &log.view().head, &kit);
                let consent = TestSigner::new(second).sign(Purpose::CoSign, &consent);
                let devices = log.devices().iter().map(|device| device.id);
                let devices = devices.chain([kit.device_id()]).collect();
                let replace = ReplaceRecovery {
                    possession: proof.sign(Purpose::DevicePossession, &body),
                    bundle: kit,
                    consent: (second < 9).then(|| (bundle(second).device_id(), consent)),
                    rotation: puk_section(log, devices),
                };
                (by, log.replace_recovery(&TestSigner::new(by), &replace, 2))
            }
        };
        link.ok().map(|link| (by, link))
    }

    fn tried(&mut self, attempt: &DeviceAttempt) {
        let senior = self.log.devices()[0].id;
        let Some((by, link)) = self.link(attempt) else {
            return;
        };
        let before = self.log.clone();
        if self.log.append(&link).is_err() {
            assert_eq!(self.log, before, "a refused link has changed the log");
            return;
        }
        match attempt {
            DeviceAttempt::Add { .. } => {
                self.next += 1;
                // The newest seed is sealed to it.
                let known = self.known.entry(self.log.puk_now().generation).or_default();
                known.insert(bundle(self.next - 1).device_id());
            }
            DeviceAttempt::Replace { .. } => self.next_kit += 1,
            DeviceAttempt::Revoke { .. } | DeviceAttempt::Renew { .. } => {}
        }
        let signer = bundle(by).device_id();
        if self.log.puk().len() > before.puk().len() {
            let known = self.log.in_force().map(|device| device.id).chain([signer]);
            self.known
                .insert(self.log.puk_now().generation, known.collect());
        }
        if !self.log.devices().iter().any(|device| device.id == senior) {
            assert!(
                signer == senior || by >= 200,
                "a junior device has removed a senior one"
            );
        }
    }

    /// Nobody who has left knows the key in force, except who made it on leaving: and that shows.
    fn check(&self) {
        let in_force: BTreeSet<_> = self.log.in_force().map(|device| device.id).collect();
        let known = &self.known[&self.log.puk_now().generation];
        let strangers = known.difference(&in_force).count();
        assert_eq!(strangers, usize::from(self.log.is_puk_stale()));
        assert!(in_force.is_subset(known), "a device lacks the key");
        assert!(!self.log.devices().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_device_that_has_left_knows_the_key_in_force(
        attempts in prop::collection::vec(device_attempt(), 1..40),
    ) {
        let log = account(1);
        let known = BTreeMap::from([(1, BTreeSet::from([bundle(1).device_id()]))]);
        let mut household = Household { log, next: 2, next_kit: 200, known };
        for attempt in &attempts {
            household.tried(attempt);
            household.check();
        }
    }
}
