//! What counts: which changes a calendar is made of, when people come and go, and devices lie.
//!
//! A pure function of the set of frames and of the logs. Arrival order cannot matter, so replicas
//! that have the same frames show the same calendar. Whether a frame is *stored* is a question of
//! its signature and its chain; whether it *counts* is asked here, again whenever a log has grown.
//!
//! ```text
//! base     = written with the right to write, within the cuts, before any contradiction
//! counted  = base, and everything base depends on
//! ```
//!
//! The second line is why removing Bob does not take away what Carol built on his late edit before
//! she had heard of it. It starts from the base of everyone, also of those who were removed
//! themselves: so removing Carol afterwards leaves her work counted, too.

mod cuts;

pub use self::cuts::{account_cuts, calendar_cuts, sort_account_cuts};

use std::collections::{BTreeMap, BTreeSet};

use crate::chain::Author;
use crate::defence::Defence;
use crate::frame::Frame;
use crate::ids::{AccountId, ChangeHash, FrameHash};
use crate::membership::{
    AccountLog, Accounts, CalendarCut, CalendarLog, DeviceClass, Lowering, Revocation, cut_tag,
};
use crate::message::ChainHead;
use crate::signed::Verified;

/// A change and what it builds on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeNode {
    /// The change.
    pub hash: ChangeHash,
    /// The changes it names as those before it.
    pub deps: Vec<ChangeHash>,
}

/// A stored frame, as far as counting needs it. Its signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameNode {
    /// The author.
    pub author: Author,
    /// The account of the author's device.
    pub account: AccountId,
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: FrameHash,
    /// The frame before it.
    pub prev: FrameHash,
    /// The calendar's log, as the author had seen it.
    pub calendar_seq: u64,
    /// The author's account log, as it had seen it.
    pub account_seq: u64,
    /// The changes it lists.
    pub changes: Vec<ChangeNode>,
}

impl FrameNode {
    /// A verified frame of the device of `account`, with the changes it lists.
    #[must_use]
    pub fn new(frame: &Verified<Frame>, account: AccountId, changes: Vec<ChangeNode>) -> Self {
        Self::stored(frame.body(), frame.hash(), account, changes)
    }

    /// The same of a frame that was verified before it was stored.
    #[must_use]
    pub fn stored(
        body: &Frame,
        hash: FrameHash,
        account: AccountId,
        changes: Vec<ChangeNode>,
    ) -> Self {
        Self {
            author: Author::of(body),
            account,
            seq: body.seq,
            hash,
            prev: body.prev,
            calendar_seq: body.calendar_view.seq,
            account_seq: body.account_view.seq,
            changes,
        }
    }
}

/// What counts of a set of frames.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Frames that count of themselves.
    pub base: BTreeSet<FrameHash>,
    /// Changes that count: those of base, and those they depend on.
    pub changes: BTreeSet<ChangeHash>,
}

/// What counts of these frames of the main stream. Frames of accounts whose log is not at hand do
/// not count.
#[must_use]
pub fn counted(log: &CalendarLog, accounts: &impl Accounts, frames: &[FrameNode]) -> Counted {
    let lives = lives(frames);
    let base = base_of_all(log, accounts, &lives);
    let by_change: BTreeMap<_, _> = frames
        .iter()
        .flat_map(|frame| frame.changes.iter())
        .map(|change| (change.hash, change))
        .collect();
    let of_base: Vec<_> = frames
        .iter()
        .filter(|frame| base.contains(&frame.hash))
        .flat_map(|frame| frame.changes.iter().map(|change| change.hash))
        .collect();
    let needed = closure(&by_change, of_base.iter().copied());
    let lost = losers(&lives, &base, &needed);
    let changes = if lost.is_empty() {
        needed
    } else {
        let fallen = dependents(&by_change, &needed, lost);
        let stands = of_base.into_iter().filter(|hash| !fallen.contains(hash));
        closure(&by_change, stands)
    };
    Counted { base, changes }
}

/// Which of these frames count of themselves. The frames of an author suffice to judge that author.
#[must_use]
pub fn base(
    log: &CalendarLog,
    accounts: &impl Accounts,
    frames: &[FrameNode],
) -> BTreeSet<FrameHash> {
    base_of_all(log, accounts, &lives(frames))
}

/// What counts of these frames of the free/busy stream. Cuts do not reach there: what a device says
/// of busy times is over with its right to write, and is computed anew by those who remain.
#[must_use]
pub fn counted_free_busy(
    log: &CalendarLog,
    accounts: &impl Accounts,
    frames: &[FrameNode],
) -> BTreeSet<FrameHash> {
    let mut counted = BTreeSet::new();
    for (author, life) in &lives(frames) {
        let Some(account) = account_of(life, accounts) else {
            continue;
        };
        let chain = undisputed(life);
        let is_over = lowering_after(log, account, began(&chain)).is_some()
            || account.revocation(&author.device).is_some();
        if !is_over {
            counted.extend(with_the_right(log, account, &chain));
        }
    }
    counted
}

/// The frames of one author by number and hash.
type Life<'a> = BTreeMap<u64, BTreeMap<FrameHash, &'a FrameNode>>;

fn lives(frames: &[FrameNode]) -> BTreeMap<Author, Life<'_>> {
    let mut lives: BTreeMap<Author, Life<'_>> = BTreeMap::new();
    for frame in frames {
        let life = lives.entry(frame.author).or_default();
        life.entry(frame.seq).or_default().insert(frame.hash, frame);
    }
    lives
}

fn account_of<'a>(life: &Life<'_>, accounts: &'a impl Accounts) -> Option<&'a AccountLog> {
    let any = life.values().flat_map(BTreeMap::values).next()?;
    accounts.account(&any.account)
}

fn base_of_all(
    log: &CalendarLog,
    accounts: &impl Accounts,
    lives: &BTreeMap<Author, Life<'_>>,
) -> BTreeSet<FrameHash> {
    let base = lives
        .iter()
        .flat_map(|(author, life)| base_of(log, accounts, author, life));
    base.collect()
}

fn base_of(
    log: &CalendarLog,
    accounts: &impl Accounts,
    author: &Author,
    life: &Life<'_>,
) -> Vec<FrameHash> {
    let Some(account) = account_of(life, accounts) else {
        return Vec::new();
    };
    if !Defence::Cuts.stands() {
        return with_the_right(log, account, &undisputed(life));
    }
    let mut chain = match ended(log, account, author, life) {
        Some(chain) => chain,
        None => {
            let chain = match account.revocation(&author.device) {
                Some(revocation) => up_to(life, listed(log, revocation, author)),
                None => undisputed(life),
            };
            // A link that took the right away after it began, and does not list it.
            if lowering_after(log, account, began(&chain)).is_some() {
                return Vec::new();
            }
            chain
        }
    };
    if let Some(revocation) = account.revocation(&author.device) {
        let also = up_to(life, listed(log, revocation, author));
        let also: BTreeSet<_> = also.iter().map(|frame| frame.hash).collect();
        chain.retain(|frame| also.contains(&frame.hash));
    }
    with_the_right(log, account, &chain)
}

/// The chain of a life that was ended by the link that took its account's right to write, the first
/// after the life began. Later ones speak of the lives after it.
fn ended<'a>(
    log: &CalendarLog,
    account: &AccountLog,
    author: &Author,
    life: &Life<'a>,
) -> Option<Vec<&'a FrameNode>> {
    let of_account = |lowering: &&Lowering| lowering.account == account.id();
    log.lowerings()
        .iter()
        .filter(of_account)
        .find_map(|lowering| {
            let is_listed = |cut: &&CalendarCut| {
                (cut.device, cut.incarnation) == (author.device, author.incarnation)
            };
            let cut = lowering.cuts.iter().find(is_listed)?;
            let chain = up_to(life, Some(cut.head));
            let first = lowering_after(log, account, began(&chain))?;
            (first.seq == lowering.seq && !chain.is_empty()).then_some(chain)
        })
}

/// Where the revocation of its device ends a life; `None` when it does not list it.
fn listed(log: &CalendarLog, revocation: &Revocation, author: &Author) -> Option<ChainHead> {
    let tag = cut_tag(&log.id(), &author.device);
    let mut cuts = revocation.cuts.iter();
    cuts.find(|cut| (cut.tag, cut.incarnation) == (tag, author.incarnation))
        .map(|cut| cut.head)
}

/// What the calendar's log was when a life began, its chain in order.
fn began(chain: &[&FrameNode]) -> u64 {
    chain.first().map_or(0, |frame| frame.calendar_seq)
}

/// The first link after `began` that took the right to write from an account.
fn lowering_after<'a>(
    log: &'a CalendarLog,
    account: &AccountLog,
    began: u64,
) -> Option<&'a Lowering> {
    log.lowerings()
        .iter()
        .find(|lowering| lowering.account == account.id() && lowering.seq > began)
}

/// The chain from the first frame on, as long as no two frames have one number.
fn undisputed<'a>(life: &Life<'a>) -> Vec<&'a FrameNode> {
    let mut chain: Vec<&FrameNode> = Vec::new();
    for (expected, (seq, here)) in (1..).zip(life) {
        let before = chain
            .last()
            .map_or(FrameHash::from_bytes([0; 32]), |f| f.hash);
        let mut alone = here.values();
        match (alone.next(), alone.next()) {
            (Some(frame), None) if *seq == expected && frame.prev == before => chain.push(frame),
            _ => break,
        }
    }
    chain
}

/// The chain that ends in the frame a cut names, from its first frame on; empty when it is not whole.
/// Whoever cuts has settled any contradiction before it, so that nobody unsays its own past once it
/// was removed.
fn up_to<'a>(life: &Life<'a>, end: Option<ChainHead>) -> Vec<&'a FrameNode> {
    let mut chain = Vec::new();
    let Some(end) = end else { return chain };
    let (mut seq, mut hash) = (end.seq, end.hash);
    while let Some(frame) = life.get(&seq).and_then(|here| here.get(&hash)) {
        chain.push(*frame);
        (seq, hash) = (seq.saturating_sub(1), frame.prev);
    }
    if seq != 0 {
        chain.clear();
    }
    chain.reverse();
    chain
}

/// The frames of a chain whose author could write in what it had seen of both logs. What it quotes
/// is no older than when its life began: nothing is dated back behind a cut.
fn with_the_right(log: &CalendarLog, account: &AccountLog, chain: &[&FrameNode]) -> Vec<FrameHash> {
    let began = began(chain);
    let has_it = |frame: &&&FrameNode| {
        let role = log.role_at(&frame.account, frame.calendar_seq);
        let device = account.device_at(&frame.author.device, frame.account_seq);
        frame.calendar_seq >= began
            && device.is_some_and(|device| device.bundle.class == DeviceClass::Full)
            && role.is_some_and(|role| role.can_write() || !Defence::RoleToWrite.stands())
    };
    chain
        .iter()
        .filter(has_it)
        .map(|frame| frame.hash)
        .collect()
}

/// These changes and everything they depend on, as far as it is here.
fn closure(
    known: &BTreeMap<ChangeHash, &ChangeNode>,
    from: impl Iterator<Item = ChangeHash>,
) -> BTreeSet<ChangeHash> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<_> = from.collect();
    while let Some(hash) = open.pop() {
        if let Some(change) = known.get(&hash)
            && reached.insert(hash)
        {
            open.extend(change.deps.iter().copied());
        }
    }
    reached
}

/// Where one author signed two branches and both are needed, one gives way: Automerge holds one
/// change under a number. What counts of itself stays, then the lower hash.
fn losers(
    lives: &BTreeMap<Author, Life<'_>>,
    base: &BTreeSet<FrameHash>,
    needed: &BTreeSet<ChangeHash>,
) -> BTreeSet<ChangeHash> {
    let is_disputed = |life: &&Life<'_>| life.values().any(|here| here.len() > 1);
    let is_needed = |frame: &FrameNode| frame.changes.iter().any(|c| needed.contains(&c.hash));
    let mut lost = BTreeSet::new();
    for life in lives.values().filter(is_disputed) {
        let mut out: BTreeSet<FrameHash> = BTreeSet::new();
        let mut stays: BTreeSet<ChangeHash> = BTreeSet::new();
        let mut falls: BTreeSet<ChangeHash> = BTreeSet::new();
        for here in life.values() {
            let standing = here.values().filter(|frame| !out.contains(&frame.prev));
            let first = standing
                .filter(|frame| is_needed(frame))
                .min_by_key(|frame| (!base.contains(&frame.hash), frame.hash))
                .map(|frame| frame.hash);
            for frame in here.values() {
                let is_beaten = first.is_some_and(|first| first != frame.hash);
                let side = if is_beaten || out.contains(&frame.prev) {
                    out.insert(frame.hash);
                    &mut falls
                } else {
                    &mut stays
                };
                side.extend(frame.changes.iter().map(|change| change.hash));
            }
        }
        lost.extend(falls.difference(&stays).copied());
    }
    lost
}

/// What is lost, and everything among `needed` that builds on it.
fn dependents(
    known: &BTreeMap<ChangeHash, &ChangeNode>,
    needed: &BTreeSet<ChangeHash>,
    lost: BTreeSet<ChangeHash>,
) -> BTreeSet<ChangeHash> {
    let mut builds_on: BTreeMap<ChangeHash, Vec<ChangeHash>> = BTreeMap::new();
    for change in needed.iter().filter_map(|hash| known.get(hash)) {
        for dep in &change.deps {
            builds_on.entry(*dep).or_default().push(change.hash);
        }
    }
    let mut open: Vec<_> = lost.iter().copied().collect();
    let mut fallen = lost;
    while let Some(hash) = open.pop() {
        for above in builds_on.get(&hash).into_iter().flatten() {
            if fallen.insert(*above) {
                open.push(*above);
            }
        }
    }
    fallen
}
