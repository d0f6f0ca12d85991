//! A disk as programs see it: its files, their names, their locks, and the log of what was done.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::content::Content;
use crate::fault::{Action, Faults, Refusal};
use crate::lock::{Locks, Opening};
use crate::log::{Contents, Counts, Inode, Operation, Promise, Recording};
use crate::shared_memory::SharedMemory;

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) files: Vec<File>,
    pub(crate) names: BTreeMap<String, Inode>,
    pub(crate) faults: Faults,
    pub(crate) counts: Counts,
    pub(crate) promise: Promise,
    pub(crate) recording: Option<Recording>,
    /// The newest key that a database here was opened with, as SQLCipher was told it.
    pub(crate) key: Option<String>,
    openings: Opening,
}

#[derive(Debug, Default)]
pub(crate) struct File {
    pub(crate) content: Content,
    pub(crate) locks: Locks,
    pub(crate) memory: SharedMemory,
    /// A journal whose name is not durable yet: its first sync makes the folder durable, too.
    syncs_folder: bool,
}

/// What a file is to SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Database,
    Journal,
}

impl State {
    pub(crate) fn from_contents(contents: Contents, promise: Promise) -> Self {
        let files = contents.files.into_iter().map(|content| File {
            content,
            ..File::default()
        });
        Self {
            files: files.collect(),
            names: contents.names,
            promise,
            ..Self::default()
        }
    }

    /// Forgets what was recorded: the disk as it stands counts as durable.
    pub(crate) fn record(&mut self) {
        self.recording = Some(Recording {
            before: Contents {
                files: self.files.iter().map(|file| file.content.clone()).collect(),
                names: self.names.clone(),
            },
            operations: Vec::new(),
            promise: self.promise,
        });
    }

    pub(crate) const fn new_opening(&mut self) -> Opening {
        self.openings += 1;
        self.openings
    }

    pub(crate) fn find(&self, name: &str) -> Option<Inode> {
        self.names.get(name).copied()
    }

    pub(crate) fn create(&mut self, name: &str, kind: Kind) -> Result<Inode, Refusal> {
        self.faults.meet(Action::Write, self.len())?;
        let inode = self.files.len();
        self.files.push(File {
            syncs_folder: kind == Kind::Journal,
            ..File::default()
        });
        self.names.insert(name.to_owned(), inode);
        self.note(|| Operation::Create {
            name: name.to_owned(),
            inode,
        });
        Ok(inode)
    }

    pub(crate) fn delete(&mut self, name: &str) -> Result<bool, Refusal> {
        if self.faults.is_read_only() {
            return Err(Refusal::ReadOnly);
        }
        // Removing a name needs no room, but it is written somewhere.
        match self.faults.meet(Action::Write, 0) {
            Err(Refusal::Full) | Ok(()) => {}
            Err(refusal) => return Err(refusal),
        }
        let was_there = self.names.remove(name).is_some();
        if was_there {
            self.note(|| Operation::Delete {
                name: name.to_owned(),
            });
        }
        Ok(was_there)
    }

    pub(crate) fn read(
        &mut self,
        inode: Inode,
        offset: usize,
        into: &mut [u8],
    ) -> Result<usize, Refusal> {
        self.counts.reads += 1;
        self.faults.meet(Action::Read, 0)?;
        Ok(self.files[inode].content.read(offset, into))
    }

    /// Writes. Where the room ends, or the disk fails, half of it may be there.
    pub(crate) fn write(
        &mut self,
        inode: Inode,
        offset: usize,
        bytes: &[u8],
    ) -> Result<(), Refusal> {
        let end = offset + bytes.len();
        let grows = end.saturating_sub(self.files[inode].content.len());
        let met = self.faults.meet(Action::Write, self.len() + grows);
        let written = match met {
            Ok(()) => bytes,
            Err(Refusal::ReadOnly) => return met,
            Err(Refusal::Full | Refusal::Failing) => &bytes[..bytes.len() / 1024 * 512],
        };
        self.counts.writes += 1;
        self.counts.bytes_written += written.len() as u64;
        self.files[inode].content.write(offset, written);
        self.note(|| Operation::Write {
            inode,
            offset,
            bytes: Arc::from(written),
        });
        met
    }

    pub(crate) fn set_len(&mut self, inode: Inode, len: usize) -> Result<(), Refusal> {
        match self.faults.meet(Action::Write, 0) {
            Err(Refusal::Full) | Ok(()) => {}
            Err(refusal) => return Err(refusal),
        }
        self.counts.writes += 1;
        self.files[inode].content.set_len(len);
        self.note(|| Operation::SetLen { inode, len });
        Ok(())
    }

    pub(crate) fn sync(&mut self, inode: Inode) -> Result<(), Refusal> {
        self.faults.meet(Action::Sync, 0)?;
        self.counts.syncs += 1;
        if self.faults.lies() {
            return Ok(());
        }
        self.note(|| Operation::Sync { inode });
        if std::mem::take(&mut self.files[inode].syncs_folder) {
            self.sync_folder();
        }
        Ok(())
    }

    pub(crate) fn sync_folder(&mut self) {
        self.counts.folder_syncs += 1;
        if !self.faults.lies() {
            self.note(|| Operation::SyncFolder);
        }
    }

    /// How long all files are together.
    fn len(&self) -> usize {
        let lengths = self.names.values();
        lengths.map(|inode| self.files[*inode].content.len()).sum()
    }

    fn note(&mut self, operation: impl FnOnce() -> Operation) {
        if let Some(recording) = &mut self.recording {
            recording.operations.push(operation());
        }
    }
}
