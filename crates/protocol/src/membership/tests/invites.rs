//! Invites: one account each, in the role they offer; and owners who act at the same time.

use super::members::People;
use super::*;
use crate::ids::VerifyKey;

fn key(seed: u8) -> VerifyKey {
    TestSigner::new(seed).verify_key()
}

fn terms(seed: u8) -> InviteTerms {
    InviteTerms {
        key: key(seed),
        role: Role::Editor,
        expires_ms: 1_000,
    }
}

fn open(people: &mut People, by: u8, seed: u8) -> Result<Appended, LinkError> {
    let (signer, account) = (TestSigner::new(by), people.of(by));
    let link = people
        .log
        .open_invite(&signer, account, &terms(seed), 9)
        .unwrap();
    people.append(&link)
}

fn end(people: &mut People, by: u8, seed: u8) -> Result<Appended, LinkError> {
    let (signer, account) = (TestSigner::new(by), people.of(by));
    let link = people
        .log
        .end_invite(&signer, account, &key(seed), 9)
        .unwrap();
    people.append(&link)
}

fn admit(people: &mut People, target: u8, role: Role, seed: u8) -> Result<Appended, LinkError> {
    let change = MemberChange {
        invite: Some(key(seed)),
        ..people.change(target, Some(role))
    };
    let link = people.link(1, &change);
    people.append(&link)
}

fn state(people: &People, seed: u8) -> InviteState {
    people.log.invite(&key(seed)).unwrap().state
}

#[test]
fn an_invite_admits_one_account_in_its_role() {
    let mut people = People::new(3);
    assert_eq!(
        admit(&mut people, 2, Role::Editor, 90),
        Err(LinkError::Invite)
    );
    open(&mut people, 1, 90).unwrap();
    assert_eq!(
        admit(&mut people, 2, Role::Viewer, 90),
        Err(LinkError::Invite)
    );
    assert_eq!(admit(&mut people, 2, Role::Editor, 90), Ok(Appended::New));
    assert_eq!(state(&people, 90), InviteState::Used(People::id(2)));
    assert_eq!(
        admit(&mut people, 3, Role::Editor, 90),
        Err(LinkError::Invite)
    );
    assert_eq!(end(&mut people, 1, 90), Err(LinkError::Invite));
}

#[test]
fn an_invite_that_was_taken_back_admits_nobody() {
    let mut people = People::new(2);
    open(&mut people, 1, 90).unwrap();
    assert_eq!(end(&mut people, 1, 90), Ok(Appended::New));
    assert_eq!(end(&mut people, 1, 90), Err(LinkError::Invite));
    assert_eq!(open(&mut people, 1, 90), Err(LinkError::Invite));
    assert_eq!(
        admit(&mut people, 2, Role::Editor, 90),
        Err(LinkError::Invite)
    );
}

#[test]
fn an_invite_is_for_who_is_no_member() {
    let mut people = People::new(2);
    people.give(2, Some(Role::Viewer)).unwrap();
    open(&mut people, 1, 90).unwrap();
    assert_eq!(
        admit(&mut people, 2, Role::Editor, 90),
        Err(LinkError::Invite)
    );
}

#[test]
fn only_owners_invite() {
    let mut people = People::new(2);
    people.give(2, Some(Role::Editor)).unwrap();
    assert_eq!(open(&mut people, 2, 90), Err(LinkError::Role));
    open(&mut people, 1, 91).unwrap();
    assert_eq!(end(&mut people, 2, 91), Err(LinkError::Role));
    let nothing = InviteTerms {
        key: VerifyKey::from_bytes([0; 32]),
        ..terms(90)
    };
    let link = people
        .log
        .open_invite(&TestSigner::new(1), people.of(1), &nothing, 9)
        .unwrap();
    assert_eq!(people.append(&link), Err(LinkError::Invite));
    assert_eq!(InviteTerms::parse(&terms(3).to_bytes()), Ok(terms(3)));
    assert!(InviteTerms::parse(&terms(3).to_bytes()[1..]).is_err());
}

/// Two owners, Ada and Bob, on the same log.
fn two_owners() -> People {
    let mut people = People::new(4);
    people.give(2, Some(Role::Owner)).unwrap();
    people.give(3, Some(Role::Editor)).unwrap();
    people
}

fn intent(target: u8, from: Option<Role>, to: Option<Role>) -> Intent {
    Intent::Role {
        account: People::id(target),
        from,
        to,
        invite: None,
    }
}

#[test]
fn of_two_owners_at_once_one_wins_and_the_other_signs_anew() {
    let mut people = two_owners();
    let (editor, ada) = (Some(Role::Editor), People::id(1));
    let mine = people.link(1, &people.change(4, Some(Role::Viewer)));
    let theirs = people.link(2, &people.change(3, None));
    people.append(&theirs).unwrap();
    assert_eq!(people.append(&mine), Err(LinkError::Fork { seq: 3 }));
    let wish = intent(4, None, Some(Role::Viewer));
    assert_eq!(wish.after(&people.log, &ada), IntentVerdict::Again);
    let anew = people.link(1, &people.change(4, Some(Role::Viewer)));
    assert_eq!(people.append(&anew), Ok(Appended::New));
    assert_eq!(wish.after(&people.log, &ada), IntentVerdict::Done);
    assert_eq!(
        intent(3, editor, None).after(&people.log, &ada),
        IntentVerdict::Done
    );
    let raise = intent(3, editor, Some(Role::Owner));
    assert_eq!(raise.after(&people.log, &ada), IntentVerdict::Ask);
}

#[test]
fn an_owner_that_was_lowered_meanwhile_is_told() {
    let mut people = two_owners();
    let (ada, bob) = (People::id(1), People::id(2));
    let lowered = people.link(2, &people.change(1, Some(Role::Editor)));
    people.append(&lowered).unwrap();
    let wish = intent(4, None, Some(Role::Viewer));
    assert_eq!(wish.after(&people.log, &ada), IntentVerdict::Forbidden);
    let last = intent(2, Some(Role::Owner), Some(Role::Editor));
    assert_eq!(last.after(&people.log, &bob), IntentVerdict::Forbidden);
    let rotate = Intent::Rotate { from: 1 };
    assert_eq!(rotate.after(&people.log, &ada), IntentVerdict::Done);
    let rotate = Intent::Rotate { from: 2 };
    assert_eq!(rotate.after(&people.log, &ada), IntentVerdict::Again);
}

#[test]
fn an_invite_used_by_the_other_owner_is_shown_again() {
    let mut people = two_owners();
    open(&mut people, 1, 90).unwrap();
    let bob = People::id(2);
    let wish = Intent::Role {
        account: People::id(4),
        from: None,
        to: Some(Role::Editor),
        invite: Some(key(90)),
    };
    assert_eq!(wish.after(&people.log, &bob), IntentVerdict::Again);
    assert_eq!(
        Intent::EndInvite(key(90)).after(&people.log, &bob),
        IntentVerdict::Again
    );
    people.give(3, None).unwrap();
    admit(&mut people, 3, Role::Editor, 90).unwrap();
    assert_eq!(wish.after(&people.log, &bob), IntentVerdict::Ask);
    assert_eq!(
        Intent::EndInvite(key(90)).after(&people.log, &bob),
        IntentVerdict::Ask
    );
    assert_eq!(
        Intent::Invite(terms(90)).after(&people.log, &bob),
        IntentVerdict::Done
    );
    assert_eq!(
        Intent::Invite(terms(91)).after(&people.log, &bob),
        IntentVerdict::Again
    );
}
