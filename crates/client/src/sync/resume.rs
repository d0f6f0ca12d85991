//! Coming back to a relay: everything that this device knows of is followed with one question, and
//! only what stands elsewhere there costs more.
//!
//! Nothing is believed: a relay that says nothing is new is held against what other devices have
//! seen, and what it does bring is judged against the links and hashes that are kept here.

use almanac_protocol::ids::{CalendarId, LogId};
use almanac_protocol::message::{
    CalendarEnd, LogEnd, RESET_DROPPED, RESUMED_FOLLOWS, RESUMED_REFUSED, Resumed, Welcome,
};
use almanac_protocol::session::client::{Event, Known};
use almanac_store::Transaction;

use crate::client::Identity;
use crate::error::{Error, Result};
use crate::keeper::{self, Keeper};
use crate::replica::{free_busy, keys, logs};
use crate::sync::catch_up::position;
use crate::sync::exchange::{Answer, Exchange};
use crate::sync::membership::{contradicts, log_refused, out_of_turn};

impl Exchange<'_> {
    /// Follows all calendars that the relay has named and this device has read before.
    pub(super) async fn resume(&mut self, welcome: &Welcome) -> Result<()> {
        let identity = self.client.identity();
        let account = LogId::from(identity.account);
        let (head, known) = self.client.read(|tx| {
            let known = known(tx, identity, self.keeper(), welcome)?;
            Ok((logs::view(tx, account)?, known))
        })?;
        for calendar in &known {
            self.expect(calendar.position);
        }
        let mut ends = Vec::new();
        let mut has_account_grown = false;
        let requests = self.connection.session.resume(head, &known);
        for answer in self.answers(&requests).await?.into_values() {
            match answer {
                Answer::Resumed(Resumed {
                    account: end,
                    calendars,
                    ..
                }) => {
                    has_account_grown |= if self.keeper().is_own() {
                        self.has_moved(account, end)?
                    } else {
                        self.other_relay_has_heard(end)?
                    };
                    ends.extend(calendars);
                }
                Answer::Refused(nack) => return Err(log_refused(nack.reason)),
                Answer::Done
                | Answer::Links { .. }
                | Answer::Boxes(_)
                | Answer::Missing(_)
                | Answer::Packs(_)
                | Answer::Vouched(_) => {
                    return Err(out_of_turn());
                }
            }
        }
        // Links of a calendar quote the account's log: that one is read first.
        let is_ours_at_rest =
            !self.keeper().is_own() || self.client.read(|tx| is_at_rest(tx, identity, account))?;
        if has_account_grown || !is_ours_at_rest {
            self.sync_log(account).await?;
        }
        for at in known.iter().map(|calendar| calendar.position) {
            match ends.iter().find(|end| end.position.stream == at.stream) {
                Some(end) => self.stands_elsewhere(end)?,
                None => self.read_up_to(&at),
            }
        }
        self.note_unfinished(welcome, &known)
    }

    /// The relay's end of a calendar is not ours.
    fn stands_elsewhere(&mut self, end: &CalendarEnd) -> Result<()> {
        let at = end.position;
        let calendar = at.stream.calendar;
        let moved = self.has_moved(calendar.into(), end.log).map(|moved| {
            if moved {
                self.grown.insert(calendar.into());
            }
        });
        self.stop_if_contradicted(calendar, moved)?;
        if self.upload.is_stopped(calendar) {
            return Ok(());
        }
        match end.reason {
            RESUMED_FOLLOWS => {
                self.read_up_to(&at);
                Ok(())
            }
            // Asked for by name once more, which says what it is that the relay does not have.
            RESUMED_REFUSED => {
                self.follow_no_more(calendar);
                Ok(())
            }
            RESET_DROPPED => self.handle(Event::Dropped(at)),
            _ => self.handle(Event::Reset(at)),
        }
    }

    /// Whether a log has to be compared link by link. As many links with another last one are a
    /// contradiction, unless ours has not been sent.
    fn has_moved(&self, log: LogId, end: Option<LogEnd>) -> Result<bool> {
        let Some(end) = end else {
            return Ok(false);
        };
        let (ours, waits) = self
            .client
            .read(|tx| Ok((logs::view(tx, log)?, !tx.waiting_links(log)?.is_empty())))?;
        if !waits && LogEnd::from(ours).links == end.links && ours.head != end.head {
            return Err(contradicts("another last link of a log"));
        }
        Ok(true)
    }

    /// Calendars that are new to this device, and those of which something of ours has not arrived.
    fn note_unfinished(&mut self, welcome: &Welcome, known: &[Known]) -> Result<()> {
        let identity = self.client.identity();
        let unfinished = self.client.read(|tx| {
            let mut logs = Vec::new();
            for calendar in &welcome.calendars {
                if tx.calendar(*calendar)?.is_none() {
                    logs.push(LogId::from(*calendar));
                }
            }
            for calendar in known {
                let log = LogId::from(calendar.position.stream.calendar);
                if !is_at_rest(tx, identity, log)? {
                    logs.push(log);
                }
            }
            Ok::<_, Error>(logs)
        })?;
        self.grown.extend(unfinished);
        Ok(())
    }
}

/// What this device has read before of the calendars that the relay names. One that has never been
/// read, or whose pack is being read, is looked at on its own: a pack may spare most of it.
fn known(
    tx: &Transaction<'_>,
    identity: &Identity,
    keeper: &Keeper,
    welcome: &Welcome,
) -> Result<Vec<Known>> {
    let mut known: Vec<Known> = Vec::new();
    for (place, calendar) in (0..).zip(&welcome.calendars) {
        let Some(row) = tx.calendar(*calendar)? else {
            continue;
        };
        let is_read = row.cursor.rseq > 0
            && keeper::of(tx, *calendar)? == *keeper
            && tx.pack_in_reading(*calendar)?.is_none()
            && !free_busy::sees_no_more(tx, identity, *calendar)?;
        if is_read {
            known.push(Known {
                place,
                position: position(&row),
                log: logs::view(tx, row.id.into())?,
            });
        }
    }
    Ok(known)
}

/// Whether nothing of a log waits for the relay, and no key of it is missing.
fn is_at_rest(tx: &Transaction<'_>, identity: &Identity, log: LogId) -> Result<bool> {
    let is_sent = tx.waiting_links(log)?.is_empty() && tx.waiting_boxes(log)?.is_empty();
    if !is_sent {
        return Ok(false);
    }
    if log == LogId::from(identity.account) {
        return Ok(!keys::lacks_puk(tx, identity)?);
    }
    let calendar = CalendarId::from_bytes(*log.as_bytes());
    Ok(!keys::lacks_epoch(tx, identity, calendar)?)
}
