//! The content of a backup on its way into a database. Nothing in the file is believed: every log is
//! verified from its first link, and every frame judged as if it had come from a relay.

use almanac_protocol::backup::{Item, Start, Tally};
use almanac_protocol::envelope::FrameWithChanges;
use almanac_protocol::ids::{AccountId, CalendarId, LogId};
use almanac_protocol::membership::{AccountLog, CalendarLog, Link, LogKind};
use almanac_protocol::signed::Signed;
use almanac_store::Transaction;

use super::file::{Content, not_whole};
use super::writing;
use crate::accounts::calendar::read_purpose;
use crate::client::Identity;
use crate::error::Result;
use crate::replica::{keys, logs, receive};
use crate::sync::stream;

/// Frames that are judged in one transaction, and changes of them from which on no other frame joins.
const FRAMES_AT_ONCE: usize = 256;
const CHANGES_AT_ONCE: usize = 1_024;

/// What stands in a backup before the first calendar.
pub(super) struct Head {
    pub(super) start: Start,
    /// Whose logs are here, links in order.
    pub(super) accounts: Vec<(AccountId, Vec<Vec<u8>>)>,
    calendars: Vec<(CalendarId, Vec<Vec<u8>>)>,
    boxes: Vec<(LogId, Vec<u8>)>,
    /// The first calendar, which was read already.
    first: Option<CalendarId>,
}

/// What came out of a backup.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) calendars: u64,
    pub(super) frames: u64,
    /// Frames that are not accepted.
    pub(super) refused: u64,
    /// Calendars that hold something other than they did when the backup was made.
    pub(super) differing: u64,
}

/// Work in one transaction.
pub(super) type Work<'a> = dyn FnMut(&Transaction<'_>, &Identity) -> Result<()> + 'a;

/// The database that is filled: a scratch one, or that of a new device.
pub(super) trait Database {
    /// Does some work in one transaction.
    fn with(&mut self, work: &mut Work<'_>) -> Result<()>;
}

/// Whether a link begins the log of an account.
pub(super) fn is_account(first: &[u8]) -> Result<bool> {
    let link = Signed::<Link>::parse(first).map_err(|_| not_whole())?;
    Ok(link.link_type().kind() == LogKind::Account)
}

impl Head {
    /// Reads up to the first calendar.
    pub(super) fn read(content: &mut Content, account: AccountId) -> Result<Self> {
        let Some(Item::Start(start)) = content.next()? else {
            return Err(not_whole());
        };
        if start.account != account {
            return Err(not_whole());
        }
        let mut head = Self {
            start,
            accounts: Vec::new(),
            calendars: Vec::new(),
            boxes: Vec::new(),
            first: None,
        };
        loop {
            match content.next()? {
                Some(Item::Link { log, bytes }) => head.add_link(log, bytes)?,
                Some(Item::Box { log, record }) => head.boxes.push((log, record)),
                Some(Item::Calendar(calendar)) => {
                    head.first = Some(calendar);
                    return Ok(head);
                }
                Some(Item::End { .. }) | None => return Ok(head),
                Some(_) => return Err(not_whole()),
            }
        }
    }

    fn add_link(&mut self, log: LogId, bytes: Vec<u8>) -> Result<()> {
        let account = AccountId::from_bytes(*log.as_bytes());
        let calendar = CalendarId::from_bytes(*log.as_bytes());
        if let Some((last, links)) = self.accounts.last_mut()
            && *last == account
        {
            links.push(bytes);
        } else if let Some((last, links)) = self.calendars.last_mut()
            && *last == calendar
        {
            links.push(bytes);
        } else if is_account(&bytes)? {
            self.accounts.push((account, vec![bytes]));
        } else {
            self.calendars.push((calendar, vec![bytes]));
        }
        Ok(())
    }

    /// The account's log, verified.
    pub(super) fn account(&self) -> Result<AccountLog> {
        let own = self.start.account;
        let found = self.accounts.iter().find(|(id, _)| *id == own);
        let (_, links) = found.ok_or_else(not_whole)?;
        let log = AccountLog::from_links(links).map_err(|_| not_whole())?;
        if log.id() == own {
            Ok(log)
        } else {
            Err(not_whole())
        }
    }

    /// The sealed keys beside a log.
    pub(super) fn boxes(&self, log: LogId) -> Vec<Vec<u8>> {
        let of_log = self.boxes.iter().filter(|(of, _)| *of == log);
        of_log.map(|(_, record)| record.clone()).collect()
    }

    /// Stores the logs. What is stored was verified from its first link.
    pub(super) fn put_logs(&self, tx: &Transaction<'_>, identity: &Identity) -> Result<()> {
        for (id, links) in &self.accounts {
            let log = AccountLog::from_links(links).map_err(|_| not_whole())?;
            if log.id() != *id {
                return Err(not_whole());
            }
            put_links(tx, (*id).into(), links)?;
        }
        for (id, links) in &self.calendars {
            let named = logs::named(links).map_err(|_| not_whole())?;
            let people = logs::people(tx, identity, &named)?;
            let log = CalendarLog::from_links(links, &people).map_err(|_| not_whole())?;
            if log.id() != *id {
                return Err(not_whole());
            }
            put_links(tx, (*id).into(), links)?;
        }
        Ok(())
    }
}

fn put_links(tx: &Transaction<'_>, log: LogId, links: &[Vec<u8>]) -> Result<()> {
    for (seq, link) in (0_u64..).zip(links) {
        tx.put_link(log, seq, link, true)?;
    }
    Ok(())
}

/// Fills a database that has the logs already with all calendars and what was written in them.
pub(super) fn fill(content: &mut Content, head: &Head, into: &mut impl Database) -> Result<Filled> {
    let mut filled = Filled::default();
    let mut filling = None;
    if let Some(first) = head.first {
        filling = Some(Calendar::begin(first, head, into)?);
    }
    while let Some(item) = content.next()? {
        match (item, &mut filling) {
            (Item::Calendar(id), None) => filling = Some(Calendar::begin(id, head, into)?),
            (Item::Frame { bytes, .. }, Some(calendar)) => {
                calendar.frame(bytes, into, &mut filled)?;
            }
            (Item::Change(bytes), Some(calendar)) => calendar.change(bytes)?,
            (Item::CalendarEnd(tally), Some(calendar)) => {
                calendar.end(tally, into, &mut filled)?;
                filling = None;
            }
            (Item::End { .. }, None) => {}
            _ => return Err(not_whole()),
        }
    }
    Ok(filled)
}

/// A calendar that is being filled.
struct Calendar {
    id: CalendarId,
    waiting: Vec<FrameWithChanges>,
    changes: usize,
}

impl Calendar {
    fn begin(id: CalendarId, head: &Head, into: &mut impl Database) -> Result<Self> {
        let known = head.calendars.iter().find(|(known, _)| *known == id);
        let (_, links) = known.ok_or_else(not_whole)?;
        let boxes = head.boxes(id.into());
        into.with(&mut |tx, identity| {
            let named = logs::named(links).map_err(|_| not_whole())?;
            let people = logs::people(tx, identity, &named)?;
            let log = CalendarLog::from_links(links, &people).map_err(|_| not_whole())?;
            tx.add_calendar(id, read_purpose(log.purpose()))?;
            if !boxes.is_empty() && tx.secret(keys::PUK_NAME)?.is_some() {
                keys::accept_restored(tx, identity, &log, &boxes)?;
            }
            Ok(())
        })?;
        Ok(Self {
            id,
            waiting: Vec::new(),
            changes: 0,
        })
    }

    fn frame(
        &mut self,
        frame: Vec<u8>,
        into: &mut impl Database,
        filled: &mut Filled,
    ) -> Result<()> {
        if self.waiting.len() >= FRAMES_AT_ONCE || self.changes >= CHANGES_AT_ONCE {
            self.judge(into, filled)?;
        }
        self.waiting.push(FrameWithChanges {
            frame,
            changes: Vec::new(),
        });
        Ok(())
    }

    fn change(&mut self, bytes: Vec<u8>) -> Result<()> {
        let frame = self.waiting.last_mut().ok_or_else(not_whole)?;
        frame.changes.push(bytes);
        self.changes += 1;
        Ok(())
    }

    fn judge(&mut self, into: &mut impl Database, filled: &mut Filled) -> Result<()> {
        let frames = std::mem::take(&mut self.waiting);
        self.changes = 0;
        let stream = stream(self.id);
        let mut refused = 0;
        into.with(&mut |tx, identity| {
            refused = receive::receive_restored(tx, identity, stream, &frames)?;
            Ok(())
        })?;
        filled.frames += frames.len() as u64;
        filled.refused += refused;
        Ok(())
    }

    fn end(&mut self, tally: Tally, into: &mut impl Database, filled: &mut Filled) -> Result<()> {
        self.judge(into, filled)?;
        let mut is_same = false;
        into.with(&mut |tx, _| {
            let (_, digest) = writing::state(tx, self.id)?;
            is_same = digest == tally.digest && tx.frame_count(self.id)? == tally.frames;
            Ok(())
        })?;
        filled.calendars += 1;
        filled.differing += u64::from(!is_same);
        Ok(())
    }
}
