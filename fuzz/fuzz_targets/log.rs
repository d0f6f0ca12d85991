//! A relay at its worst with an honest history: links in any order, left out, doubled, cut, bent, made
//! up by a viewer or a stranger. A log is at all times a beginning of the honest history, it never loses
//! a link, and what comes next is taken whenever it is shown.
//!
//! An input is steps of four bytes: what is done, which link, and where.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use almanac_crypto::epoch::next_epoch;
use almanac_fuzz::{ADA, Person, Rng};
use almanac_protocol::ids::{AccountId, LinkHash};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{
    AccountLog, Appended, CalendarLog, Link, LogView, MemberChange, Role,
};
use almanac_protocol::signed::{SignedBody as _, Signer as _};
use libfuzzer_sys::fuzz_target;

/// Steps of one input: most of them check a signature.
const STEPS_MAX: usize = 8;

/// What has happened to a calendar, in order.
struct Story {
    accounts: BTreeMap<AccountId, AccountLog>,
    viewer: Person,
    stranger: Person,
    links: Vec<Vec<u8>>,
    views: Vec<LogView>,
}

static STORY: LazyLock<Story> = LazyLock::new(|| {
    let (viewer, stranger) = (Person::new(2), Person::new(3));
    let logs = [&ADA.account, &viewer.account, &stranger.account];
    let accounts: BTreeMap<_, _> = logs.map(|log| (log.id(), log.clone())).into();
    let mut story = Story {
        accounts,
        viewer,
        stranger,
        links: Vec::new(),
        views: vec![ADA.calendar.view()],
    };
    let mut log = ADA.calendar.clone();
    let (mut rng, mut secret) = (Rng::new(4), ADA.secret.clone());
    for (number, role) in [
        Some(Role::Editor),
        Some(Role::Viewer),
        None,
        Some(Role::Viewer),
        Some(Role::FreeBusy),
        Some(Role::Editor),
    ]
    .into_iter()
    .enumerate()
    {
        let account = story.viewer.account.id();
        let is_lowered = log.role(&account) > role;
        let rotation = is_lowered.then(|| {
            let members = log.next_members(Some((account, role)), &story.accounts);
            let made = next_epoch(&mut rng, &log, &secret, members.expect("all are here"));
            let (next, section) = made.expect("her own secret");
            secret = next;
            section
        });
        let change = MemberChange {
            account,
            role,
            view: story.viewer.account.view(),
            invite: None,
            cuts: Vec::new(),
            rotation,
        };
        let time_ms = 10 + u64::try_from(number).expect("a handful");
        let link = log.change_member(&ADA.keys, &ADA.account, &change, time_ms);
        let link = link.expect("an owner may");
        log.append(&link, &story.accounts).expect("her own link");
        story.links.push(link);
        story.views.push(log.view());
    }
    story
});

/// The link as somebody else would sign it, in the place that comes next.
fn by(person: &Person, link: &[u8], log: &CalendarLog) -> Vec<u8> {
    let mut forged = Link::parse(&link[..link.len() - 64]).expect("an honest link");
    forged.device = person.keys.device_id();
    forged.account = person.account.id();
    forged.view = person.account.view();
    (forged.seq, forged.prev) = (log.count(), log.view().head);
    let body = forged.to_bytes();
    [&body[..], person.keys.sign(Purpose::Link, &body).as_bytes()].concat()
}

fuzz_target!(|input: &[u8]| {
    let story = &*STORY;
    let mut log = ADA.calendar.clone();
    for step in input.chunks_exact(4).take(STEPS_MAX) {
        let [what, which, high, low] = *step else {
            return;
        };
        let at = usize::from(u16::from_be_bytes([high, low]));
        let honest = &story.links[usize::from(which) % story.links.len()];
        let view = log.view();
        let offered = match what % 5 {
            0 => honest.clone(),
            1 => {
                let mut bent = honest.clone();
                let place = at % bent.len();
                bent[place] ^= (what / 5).max(1);
                bent
            }
            2 => honest[..at % honest.len()].to_vec(),
            3 => by(&story.viewer, honest, &log),
            _ => by(&story.stranger, honest, &log),
        };
        let before = log.count();
        let outcome = log.append(&offered, &story.accounts);
        let place = usize::try_from(log.count() - 1).expect("a short log");
        assert_eq!(log.view(), story.views[place], "{outcome:?}");
        match outcome {
            Ok(Appended::New) => assert_eq!(log.count(), before + 1),
            Ok(Appended::Known) | Err(_) => assert_eq!(log.view(), view),
        }
        if offered != *honest {
            assert!(!matches!(outcome, Ok(Appended::New)), "{outcome:?}");
        }
        claims(&log, which, at);
    }
    for link in &story.links {
        log.append(link, &story.accounts)
            .expect("what comes next, or is known");
    }
    assert_eq!(Some(&log.view()), story.views.last());
});

/// What somebody else says to have seen: true, beyond the end, or of another history.
fn claims(log: &CalendarLog, which: u8, at: usize) {
    let story = &*STORY;
    let said = story.views[usize::from(which) % story.views.len()];
    assert_eq!(log.consistent(said).is_ok(), said.seq < log.count());
    let mut head = *said.head.as_bytes();
    head[at % 32] ^= 1;
    let other = LogView {
        head: LinkHash::from_bytes(head),
        ..said
    };
    assert!(log.consistent(other).is_err());
}
