//! Invites and acceptances of anything: a text says what it says or is refused, and is written again
//! to the same; an acceptance shows its owner who asks as long as no bit of it is another; one that
//! the invite's secret signed for somebody else shows no name.
//!
//! The first byte chooses: 0 a text as it comes, 1 what a text says with its check made right,
//! 2 bytes written over a real acceptance from a place on, else fields that the secret signs.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use almanac_crypto::invite::{CalendarInvite, Card, accept, candidate, invite_terms};
use almanac_crypto::secret::InviteSecret;
use almanac_fuzz::{ADA, Person, Rng, set};
use almanac_protocol::codes::base32;
use almanac_protocol::ids::AccountId;
use almanac_protocol::join::{Acceptance, SignedAcceptance};
use almanac_protocol::label::{Context, hash};
use almanac_protocol::membership::{AccountLog, CalendarLog, LogView, Role};
use libfuzzer_sys::fuzz_target;

const NOW_MS: u64 = 5;

/// An open invite, and who has accepted it.
struct Open {
    log: CalendarLog,
    accounts: BTreeMap<AccountId, AccountLog>,
    invite: CalendarInvite,
    acceptance: Vec<u8>,
}

static OPEN: LazyLock<Open> = LazyLock::new(|| {
    let (ada, bob) = (&*ADA, Person::new(2));
    let secret = InviteSecret::from_bytes([9; 32]);
    let terms = invite_terms(&secret, Role::Editor, NOW_MS, 1_000);
    let mut log = ada.calendar.clone();
    let link = log.open_invite(&ada.keys, &ada.account, &terms, 3);
    log.append(&link.expect("an owner may invite"), &ada.account)
        .expect("her own link");
    let invite = CalendarInvite {
        origin: "https://relay.example.org".to_owned(),
        calendar: log.id(),
        secret,
        inviter: ada.account.id(),
        view: log.view(),
    };
    let card = Card {
        name: "Bob",
        colour: [1, 2, 3],
    };
    let joiner = (&bob.account, &bob.keys);
    let acceptance = accept(&mut Rng::new(3), &invite, &ada.account, joiner, card);
    let logs = [ada.account.clone(), bob.account];
    Open {
        log,
        accounts: logs.into_iter().map(|log| (log.id(), log)).collect(),
        invite,
        acceptance: acceptance.expect("it can be accepted"),
    }
});

fuzz_target!(|input: &[u8]| {
    match input {
        [0, rest @ ..] => text(&String::from_utf8_lossy(rest)),
        [1, rest @ ..] => {
            let [a, b, c, d, ..] = hash(Context::INVITE_CHECK, &[rest]);
            text(&format!("ALM1{}", base32(&[rest, &[a, b, c, d]].concat())));
        }
        [2, high, low, rest @ ..] => bent(usize::from(u16::from_be_bytes([*high, *low])), rest),
        [choice, rest @ ..] => forged(*choice, rest),
        [] => {}
    }
});

fn text(text: &str) {
    let Ok(invite) = text.parse::<CalendarInvite>() else {
        return;
    };
    let written = invite.to_text();
    assert_eq!(written.parse().as_ref(), Ok(&invite));
    assert_eq!(written.to_lowercase().parse(), Ok(invite));
}

fn ask(acceptance: &[u8]) -> Option<bool> {
    let open = &*OPEN;
    let owner = (&open.invite.inviter, &ADA.puk);
    let asked = candidate(&open.log, &open.accounts, owner, acceptance, NOW_MS);
    asked.ok().map(|asked| asked.profile.is_some())
}

fn bent(at: usize, bytes: &[u8]) {
    let mut acceptance = OPEN.acceptance.clone();
    set(&mut acceptance, at, bytes);
    let is_whole = acceptance == OPEN.acceptance;
    assert_eq!(ask(&acceptance), is_whole.then_some(true));
}

/// Whoever has the text may ask for any account; nobody but the account itself gives its name.
fn forged(choice: u8, bytes: &[u8]) {
    let open = &*OPEN;
    let real = SignedAcceptance::parse(&open.acceptance).expect("it was made here");
    let fields = *real.fields();
    let mut flat = fields.to_bytes();
    set(&mut flat, usize::from(choice), bytes);
    let number = |at: usize| flat.get(at..at + 8).and_then(|some| some.try_into().ok());
    let view_at = flat.len() - 4 - 32 - 32 - 8;
    let forged = Acceptance {
        view: LogView {
            seq: u64::from_be_bytes(number(view_at).expect("fields have one length")),
            ..fields.view
        },
        account: match choice % 3 {
            0 => fields.account,
            1 => fields.inviter,
            _ => AccountId::from_bytes([choice; 32]),
        },
        puk_generation: if choice & 64 == 0 {
            fields.puk_generation
        } else {
            u32::from(choice)
        },
        ..fields
    };
    let signed = forged.sign(&open.invite.key(), real.card());
    assert!(SignedAcceptance::parse(&signed).is_ok());
    let asked = ask(&signed);
    if forged != fields {
        assert_eq!(asked, None);
    }
}
