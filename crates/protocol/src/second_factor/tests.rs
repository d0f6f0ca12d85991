//! Codes that are right, wrong, used, tried too often; and the order of what a relay asks.

use super::*;
use crate::membership::{DeviceClass, LinkType};

const NOW: u64 = 1_700_000_000_000;

fn account() -> AccountId {
    AccountId::from_bytes([1; 32])
}

fn code(number: u8) -> OneTimeCode {
    OneTimeCode::from_random([number; 8])
}

fn terms() -> FactorTerms {
    FactorTerms {
        secret: TotpSecret::from_bytes([7; 20]),
        codes: std::array::from_fn(|n| code(u8::try_from(n).unwrap()).hash(&account())),
    }
}

fn totp(at_ms: u64) -> String {
    terms().secret.code(at_ms)
}

#[test]
fn a_code_is_right_once() {
    let mut factor = SecondFactor::new(terms());
    let right = totp(NOW);
    assert_eq!(factor.check(&account(), &right, NOW), FactorVerdict::Passed);
    let again = factor.check(&account(), &right, NOW + 1);
    assert_eq!(again, FactorVerdict::Wrong { left: 4 });
    let next = totp(NOW + TOTP_STEP_MS);
    assert_eq!(factor.check(&account(), &next, NOW), FactorVerdict::Passed);
    // The step before the one just used is over, although its time has not passed.
    let between = factor.check(&account(), &totp(NOW), NOW + TOTP_STEP_MS);
    assert_eq!(between, FactorVerdict::Wrong { left: 4 });
}

#[test]
fn a_code_of_another_time_is_wrong() {
    for offset in [2, 3, 100] {
        for at in [NOW - offset * TOTP_STEP_MS, NOW + offset * TOTP_STEP_MS] {
            let mut factor = SecondFactor::new(terms());
            let verdict = factor.check(&account(), &totp(at), NOW);
            assert_eq!(verdict, FactorVerdict::Wrong { left: 4 });
        }
    }
    for typed in ["", "12345", "1234567", "+12345", "abcdef"] {
        let mut factor = SecondFactor::new(terms());
        let verdict = factor.check(&account(), typed, NOW);
        assert_eq!(verdict, FactorVerdict::Wrong { left: 4 }, "{typed:?}");
    }
}

#[test]
fn a_code_on_paper_is_used_up() {
    let mut factor = SecondFactor::new(terms());
    assert_eq!(factor.codes_left(), 10);
    let typed = code(3).to_string().to_lowercase().replace('-', " ");
    assert_eq!(factor.check(&account(), &typed, NOW), FactorVerdict::Passed);
    assert_eq!(factor.codes_left(), 9);
    let again = factor.check(&account(), &typed, NOW);
    assert_eq!(again, FactorVerdict::Wrong { left: 4 });
    let mut other = SecondFactor::new(terms());
    let foreign = other.check(&AccountId::from_bytes([2; 32]), &typed, NOW);
    assert_eq!(foreign, FactorVerdict::Wrong { left: 4 });
}

#[test]
fn the_fifth_wrong_code_locks_for_an_hour_also_against_the_right_one() {
    let mut factor = SecondFactor::new(terms());
    for left in [4, 3, 2, 1] {
        let verdict = factor.check(&account(), "000000", NOW);
        assert_eq!(verdict, FactorVerdict::Wrong { left });
    }
    let locked = FactorVerdict::Locked {
        until_ms: NOW + LOCK_MS,
    };
    assert_eq!(factor.check(&account(), "000000", NOW), locked);
    let last = NOW + LOCK_MS - 1;
    assert_eq!(factor.check(&account(), &totp(last), last), locked);
    assert_eq!(factor.check(&account(), &code(1).to_string(), last), locked);
    let mut restarted = SecondFactor::parse(&factor.to_bytes()).unwrap();
    assert_eq!(restarted.check(&account(), &totp(last), last), locked);
    let over = NOW + LOCK_MS;
    assert_eq!(
        restarted.check(&account(), &totp(over), over),
        FactorVerdict::Passed
    );
}

#[test]
fn a_right_code_forgives_the_wrong_ones() {
    let mut factor = SecondFactor::new(terms());
    for _ in 0..4 {
        factor.check(&account(), "000000", NOW);
    }
    factor.check(&account(), &totp(NOW), NOW);
    let verdict = factor.check(&account(), "000000", NOW);
    assert_eq!(verdict, FactorVerdict::Wrong { left: 4 });
}

#[test]
fn what_is_stored_comes_back() {
    let mut factor = SecondFactor::new(terms());
    factor.check(&account(), &code(1).to_string(), NOW);
    factor.check(&account(), &totp(NOW), NOW);
    factor.check(&account(), "000000", NOW);
    let bytes = factor.to_bytes();
    assert_eq!(SecondFactor::parse(&bytes), Ok(factor));
    assert!(SecondFactor::parse(&bytes[1..]).is_err());
    assert!(SecondFactor::parse(&[&bytes[..], &[0]].concat()).is_err());
    let bytes = terms().to_bytes();
    assert_eq!(FactorTerms::parse(&bytes), Ok(terms()));
    assert!(FactorTerms::parse(&bytes[..bytes.len() - 1]).is_err());
    let stored = format!("{:?}", SecondFactor::new(terms()));
    assert!(!stored.contains("7, 7, 7"), "the secret shows itself");
}

#[test]
fn many_wrong_codes_of_all_accounts_are_reported_once_an_hour() {
    let mut rate = FailureRate::default();
    let reported = (0..300).filter(|n| rate.note(NOW + n)).count();
    assert_eq!(reported, 1);
    let later = NOW + LOCK_MS;
    let reported = (0..300).filter(|n| rate.note(later + n)).count();
    assert_eq!(reported, 1);
    let mut slow = FailureRate::default();
    assert!(!(0..300).any(|n| slow.note(NOW + n * LOCK_MS / 50)));
}

#[test]
fn a_kit_waits_a_day_unless_a_device_agrees() {
    let hold = Hold::begin(None, NOW);
    let open = NOW + HOLD_MS;
    assert_eq!(hold.state(NOW), HoldState::Waiting { until_ms: open });
    assert_eq!(hold.state(open - 1), HoldState::Waiting { until_ms: open });
    let until_ms = open + HOLD_OPEN_MS;
    assert_eq!(hold.state(open), HoldState::Open { until_ms });
    assert_eq!(hold.state(until_ms), HoldState::Over);
    // Asking again does not begin again, and a clock set back opens nothing.
    assert_eq!(Hold::begin(Some(hold), NOW + 5), hold);
    assert_eq!(hold.state(0), HoldState::Waiting { until_ms: open });
    assert_eq!(Hold::begin(Some(hold), until_ms).begun_ms, until_ms);
    let approved = hold.approve(NOW + 10);
    assert!(matches!(approved.state(NOW + 10), HoldState::Open { .. }));
    assert_eq!(approved.approve(NOW + 99), approved);
    let late = hold.approve(open + 10);
    assert_eq!(late.state(open), HoldState::Open { until_ms });
}

#[test]
fn the_factor_is_asked_before_the_hold_and_neither_of_who_revokes() {
    let hold = Some(Hold::begin(None, NOW));
    let kit = Gate {
        class: DeviceClass::Recovery,
        factor_due: true,
        hold,
    };
    for link_type in [
        LinkType::AddDevice,
        LinkType::Revoke,
        LinkType::RotatePuk,
        LinkType::ReplaceRecovery,
    ] {
        assert_eq!(kit.admits(link_type, NOW), Err(Refusal::SecondFactor));
        let passed = Gate {
            factor_due: false,
            ..kit
        };
        let held = Refusal::Hold {
            until_ms: NOW + HOLD_MS,
        };
        assert_eq!(passed.admits(link_type, NOW), Err(held));
        assert_eq!(passed.admits(link_type, NOW + HOLD_MS), Ok(()));
        let never = Gate {
            hold: None,
            ..passed
        };
        assert_eq!(never.admits(link_type, NOW), Err(Refusal::Over));
    }
    let device = Gate {
        class: DeviceClass::Full,
        factor_due: true,
        hold: None,
    };
    let due = Err(Refusal::SecondFactor);
    assert_eq!(device.admits(LinkType::AddDevice, NOW), due);
    assert_eq!(device.admits(LinkType::ReplaceRecovery, NOW), due);
    assert_eq!(device.admits(LinkType::Revoke, NOW), Ok(()));
    assert_eq!(device.admits(LinkType::RotatePuk, NOW), Ok(()));
    assert_eq!(device.admits_factor(), due);
    let passed = Gate {
        factor_due: false,
        ..device
    };
    assert_eq!(passed.admits_factor(), Ok(()));
    assert_eq!(passed.admits(LinkType::AddDevice, NOW), Ok(()));
    let kit = Gate {
        factor_due: false,
        ..kit
    };
    assert_eq!(kit.admits_factor(), due);
}
