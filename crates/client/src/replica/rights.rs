//! Which frames count of themselves in a calendar of several people (protocol.md, "What counts").
//!
//! A frame is stored when its signature and its chain are right. Whether it counts is asked here: when
//! it comes, and again for a whole life of its author when a log has grown that takes a right away.
//! What follows for the changes of a document is [`counted`](super::counted)'s.

use std::collections::{BTreeMap, BTreeSet};

use almanac_protocol::chain::Author;
use almanac_protocol::counted::{
    Counted, FrameNode, account_cuts, base, calendar_cuts, sort_account_cuts,
};
use almanac_protocol::defence::Defence;
use almanac_protocol::frame::{Frame, FrameType};
use almanac_protocol::ids::{AccountId, CalendarId, ChangeHash, DeviceId, DocumentId};
use almanac_protocol::membership::{AccountCut, AccountLog, CalendarCut, CalendarLog, DeviceClass};
use almanac_store::{Counting, FindingKind, FrameRow, Transaction};

use crate::client::{Identity, incarnation};
use crate::clock;
use crate::entropy;
use crate::error::Result;
use crate::replica::logs::{self, People};
use crate::replica::{counted, cuts, heads, incarnation as lives, seal};

/// Whether a frame counts, whose signature and chain are right, when nothing was taken from its
/// author since: its life `began` with that number of the calendar's log.
pub(crate) fn has_right(
    log: &CalendarLog,
    account: &AccountLog,
    frame: &Frame,
    began: u64,
) -> bool {
    let role = log.role_at(&account.id(), frame.calendar_view.seq);
    let device = account.device_at(&frame.author, frame.account_view.seq);
    frame.calendar_view.seq >= began
        && role.is_some_and(|role| role.can_write() || !Defence::RoleToWrite.stands())
        && device.is_some_and(|device| device.bundle.class == DeviceClass::Full)
}

/// Whether something was taken from an author, so that its lives have to be judged as a whole.
pub(crate) fn was_lowered(log: &CalendarLog, account: &AccountLog, author: &Author) -> bool {
    let id = account.id();
    let mut lowerings = log.lowerings().iter();
    lowerings.any(|lowering| lowering.account == id) || account.revocation(&author.device).is_some()
}

/// With which number of the calendar's log a life began; `None` while its first frame is not here.
pub(crate) fn began(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    author: Author,
) -> Result<Option<u64>> {
    let first = tx.frame(calendar, author.device, author.incarnation, 1)?;
    let first = first.map(|row| heads::parsed(&row)).transpose()?;
    Ok(first.map(|frame| frame.calendar_view.seq))
}

/// Changes by document.
type Changes = BTreeMap<DocumentId, BTreeSet<ChangeHash>>;

/// What came of judging lives anew.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// Documents in which something has changed; they have still to be counted.
    pub(crate) touched: BTreeSet<DocumentId>,
    /// Changes of this device that count no more.
    pub(crate) fallen: Changes,
}

/// Judges whole lives anew, and says of every change in them whether it is of base.
pub(crate) fn judge(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    authors: &BTreeSet<Author>,
) -> Result<Judged> {
    let (log, people) = logs::judged(tx, identity, calendar)?;
    let mut judged = Judged::default();
    for author in authors {
        let (rows, nodes) = life(tx, &people, calendar, *author)?;
        let base = base(&log, &*people, &nodes);
        // Two frames under one number may list the same change: it counts if one of them does.
        let mut changes = BTreeMap::new();
        for row in &rows {
            let frame = heads::parsed(row)?;
            if frame.frame_type == FrameType::Changes {
                for change in frame.changes().unwrap_or_default() {
                    let is_base = changes
                        .entry((change.document, change.hash))
                        .or_insert(false);
                    *is_base |= base.contains(&row.hash);
                }
            }
        }
        let is_own = author.device == identity.device;
        for ((document, hash), is_base) in changes {
            let now = tx.counting(calendar, document, hash)?;
            if now.is_some_and(|now| now.is_base() != is_base) {
                if is_own && !is_base {
                    judged.fallen.entry(document).or_default().insert(hash);
                }
                let counting = if is_base {
                    Counting::Base
                } else {
                    Counting::LeftOut
                };
                tx.set_counting(calendar, document, hash, counting)?;
                judged.touched.insert(document);
            }
        }
    }
    Ok(judged)
}

/// Edits of a person here had not arrived when a right was taken from them. Who has it again by now
/// writes them once more; who has not is told, and what they wrote is kept.
pub(crate) fn save(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    fallen: Changes,
) -> Result<()> {
    if fallen.is_empty() {
        return Ok(());
    }
    if logs::may_write(tx, identity, calendar)? {
        begin_again(tx, identity, calendar)?;
        let wanted = fallen.into_iter().map(|(document, edits)| {
            let all = tx.counted_changes(calendar, document)?;
            Ok((document, counted::with(&all, edits)))
        });
        return lives::say_again(tx, identity, calendar, wanted.collect::<Result<_>>()?);
    }
    let (kind, evidence) = (FindingKind::KeptBack, [Vec::new(), Vec::new()]);
    cuts::found(tx, kind, Some(calendar), None, 0, evidence, clock::now_ms())
}

/// Changes of this device that stand in their chain and do not count, because the right to write was
/// taken from it before; by document.
pub(crate) fn kept(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<Changes> {
    let mut kept = Changes::new();
    let authors = tx.authors(calendar)?.into_iter();
    for (device, life) in authors.filter(|(device, _)| *device == identity.device) {
        let cut = tx.cut_at(calendar, device, life)?.unwrap_or(u64::MAX);
        for row in tx.frames_from(calendar, device, life, 1)? {
            // What was cut as one of two was written once more.
            let listed = if row.seq < cut {
                seal::listed_changes(&row)?
            } else {
                Vec::new()
            };
            for change in listed {
                let counting = tx.counting(calendar, change.document, change.hash)?;
                if counting.is_some_and(|counting| !counting.counts()) {
                    kept.entry(change.document).or_default().insert(change.hash);
                }
            }
        }
    }
    Ok(kept)
}

/// Judges everyone in a calendar anew of whom a log may have taken something, and shows what is left.
/// Gives whether a document has changed.
pub(crate) fn judge_all(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<bool> {
    let (log, people) = logs::judged(tx, identity, calendar)?;
    let mut authors = BTreeSet::new();
    for (device, incarnation) in tx.authors(calendar)? {
        let author = Author {
            device,
            incarnation,
        };
        let owner = people.device(&device);
        if owner.is_some_and(|(account, _)| was_lowered(&log, account, &author)) {
            authors.insert(author);
        }
    }
    let Judged { touched, fallen } = judge(tx, identity, calendar, &authors)?;
    cuts::recount(tx, identity, calendar, &touched)?;
    save(tx, identity, calendar, fallen)?;
    cuts::show(tx, calendar, &touched)?;
    Ok(!touched.is_empty())
}

/// Where the lives of an account's devices end as far as they count now: what a link says that takes
/// its right to write.
pub(crate) fn cuts_of(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    account: AccountId,
) -> Result<Vec<CalendarCut>> {
    let (log, people) = logs::judged(tx, identity, calendar)?;
    let mut all = Vec::new();
    for (device, incarnation) in tx.authors(calendar)? {
        let is_theirs = people
            .device(&device)
            .is_some_and(|(owner, _)| owner.id() == account);
        if is_theirs {
            let author = Author {
                device,
                incarnation,
            };
            all.extend(life(tx, &people, calendar, author)?.1);
        }
    }
    let counted = Counted {
        base: base(&log, &*people, &all),
        changes: BTreeSet::new(),
    };
    let mut cuts = calendar_cuts(&counted, &all, &account);
    cuts.sort_by_key(|cut| (cut.device, cut.incarnation));
    Ok(cuts)
}

/// Where the lives of a device of this account end in all calendars, as far as they count now: what the
/// link says that revokes it.
pub(crate) fn account_cuts_of(
    tx: &Transaction<'_>,
    identity: &Identity,
    device: DeviceId,
) -> Result<Vec<AccountCut>> {
    let mut cuts = Vec::new();
    for row in tx.calendars()? {
        let (log, people) = logs::judged(tx, identity, row.id)?;
        let mut nodes = Vec::new();
        for (author, incarnation) in tx.authors(row.id)? {
            if author == device {
                let author = Author {
                    device,
                    incarnation,
                };
                nodes.extend(life(tx, &people, row.id, author)?.1);
            }
        }
        let counted = Counted {
            base: base(&log, &*people, &nodes),
            changes: BTreeSet::new(),
        };
        cuts.extend(account_cuts(&row.id, &counted, &nodes, &device));
    }
    sort_account_cuts(&mut cuts);
    Ok(cuts)
}

/// This device's own life is over where its account lost the right to write after it began: what it
/// writes now, admitted again, begins another.
pub(crate) fn begin_again(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<()> {
    let author = Author {
        device: identity.device,
        incarnation: incarnation(tx)?,
    };
    let Some(began) = began(tx, calendar, author)? else {
        return Ok(());
    };
    let log = logs::calendar(tx, identity, calendar)?;
    let mut lowerings = log.lowerings().iter();
    let is_over =
        lowerings.any(|lowering| lowering.account == identity.account && lowering.seq > began);
    if is_over && logs::may_write(tx, identity, calendar)? {
        tx.set(almanac_store::Setting::Incarnation, &entropy::bytes::<8>())?;
    }
    Ok(())
}

/// The frames of a life, rivals included, as they are judged.
fn life(
    tx: &Transaction<'_>,
    people: &People,
    calendar: CalendarId,
    author: Author,
) -> Result<(Vec<FrameRow>, Vec<FrameNode>)> {
    let (device, life) = (author.device, author.incarnation);
    let Some((account, _)) = people.device(&device) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let mut rows = tx.frames_from(calendar, device, life, 1)?;
    rows.extend(tx.rivals(calendar, device, life)?);
    let mut nodes = Vec::with_capacity(rows.len());
    for row in &rows {
        let frame = heads::parsed(row)?;
        nodes.push(FrameNode::stored(
            &frame,
            row.hash,
            account.id(),
            Vec::new(),
        ));
    }
    Ok((rows, nodes))
}
