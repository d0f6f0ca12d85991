//! A mailbox without threads: one task of the simulator does what the threads do, in its order.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use almanac_protocol::ids::RelayEpoch;
use rusqlite::Connection;
use tokio::sync::mpsc;

use super::writer::Writer;
use super::{LETTERS_MAX, Letter, Mailbox, reader};
use crate::database::{self, DatabaseError};
use crate::fanout::Fanout;
use crate::tickets::Tickets;

/// Whoever serves the letters of a mailbox.
pub(crate) struct Clerk {
    writer: Writer,
    reader: Connection,
    epoch: RelayEpoch,
    tickets: Arc<Tickets>,
    writes: mpsc::Receiver<Letter>,
    reads: mpsc::Receiver<Letter>,
    waiting: VecDeque<Letter>,
    broken: mpsc::UnboundedSender<DatabaseError>,
}

impl Mailbox {
    /// A mailbox and its clerk, who does nothing unasked.
    pub(crate) fn with_clerk(
        writer: Connection,
        path: &Path,
        epoch: RelayEpoch,
        fanout: Arc<Fanout>,
        broken: mpsc::UnboundedSender<DatabaseError>,
    ) -> Result<(Self, Clerk), DatabaseError> {
        let (writes, write_letters) = mpsc::channel(LETTERS_MAX);
        let (reads, read_letters) = mpsc::channel(LETTERS_MAX);
        let tickets = Arc::new(Tickets::default());
        let clerk = Clerk {
            writer: Writer::new(writer, epoch, fanout, broken.clone()),
            reader: database::open_reader(path)?,
            epoch,
            tickets: tickets.clone(),
            writes: write_letters,
            reads: read_letters,
            waiting: VecDeque::new(),
            broken,
        };
        let mailbox = Self {
            writes,
            reads,
            tickets,
        };
        Ok((mailbox, clerk))
    }
}

impl Clerk {
    /// Waits for a letter. One that asks is answered, one that writes joins those that wait.
    pub(crate) async fn take_letter(&mut self) {
        tokio::select! {
            biased;
            letter = self.reads.recv() => {
                if let Some(letter) = letter {
                    let (reader, tickets) = (&self.reader, &self.tickets);
                    reader::serve(reader, self.epoch, tickets, letter, &self.broken);
                }
            }
            letter = self.writes.recv() => self.waiting.extend(letter),
        }
    }

    /// Letters that wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Loses the letters that wait.
    pub(crate) fn forget(&mut self) {
        self.waiting.clear();
    }

    /// Writes the first so many in one transaction, and answers them.
    pub(crate) fn commit(&mut self, letters: usize) {
        let letters = letters.min(self.waiting.len());
        if letters > 0 {
            self.writer.commit(self.waiting.drain(..letters).collect());
        }
    }
}
