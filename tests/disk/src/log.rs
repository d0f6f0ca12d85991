//! What was done to a disk, in order, so that a power cut can be tried at every point of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::content::Content;

/// Names one file for as long as the disk exists, whatever it is called and whether or not it was
/// deleted.
pub(crate) type Inode = usize;

/// One thing done to the disk.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Create {
        name: String,
        inode: Inode,
    },
    Delete {
        name: String,
    },
    SyncFolder,
    Write {
        inode: Inode,
        offset: usize,
        bytes: Arc<[u8]>,
    },
    SetLen {
        inode: Inode,
        len: usize,
    },
    Sync {
        inode: Inode,
    },
}

/// What a disk tells SQLite about itself and then keeps to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Promise {
    /// Nothing: a sector that was being written when the power went may hold anything.
    #[default]
    None,
    /// Bytes beside a write are never harmed by it: `SQLITE_IOCAP_POWERSAFE_OVERWRITE`, as
    /// SQLite assumes of every disk under Linux, macOS and Windows.
    PowersafeOverwrite,
}

/// How often the disk was asked for something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Reads.
    pub reads: u64,
    /// Writes and changes of a file's length.
    pub writes: u64,
    /// Bytes written.
    pub bytes_written: u64,
    /// Files made durable.
    pub syncs: u64,
    /// Folders made durable.
    pub folder_syncs: u64,
}

/// The files of a disk at one point, and what their names are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contents {
    pub(crate) files: Vec<Content>,
    pub(crate) names: BTreeMap<String, Inode>,
}

/// A disk as it was, and all that was done to it since.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    pub(crate) before: Contents,
    pub(crate) operations: Vec<Operation>,
    pub(crate) promise: Promise,
}

impl Recording {
    /// How many operations there are. A power cut at `n` comes after the first `n` of them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Places right before a file is made durable, in order.
    #[must_use]
    pub fn syncs(&self) -> Vec<usize> {
        let operations = self.operations.iter().enumerate();
        operations
            .filter(|(_, operation)| matches!(operation, Operation::Sync { .. }))
            .map(|(at, _)| at)
            .collect()
    }

    /// Whether nothing was done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }
}
