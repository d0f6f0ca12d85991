//! What goes wrong with a disk, and when.

/// What a disk is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Read a file.
    Read,
    /// Write a file, or change its length.
    Write,
    /// Make a file durable.
    Sync,
    /// Any of these.
    Any,
}

/// How long a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// Once.
    Once,
    /// Until [`Disk::heal`](crate::Disk::heal).
    UntilHealed,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// After so many more writes there is no room (`ENOSPC`), not even for what stands already.
    FullAfter {
        /// Writes that succeed.
        writes: u64,
    },
    /// All files together may be so long.
    Capacity {
        /// Bytes.
        bytes: usize,
    },
    /// After so many more actions of a kind the next one fails (`EIO`).
    Failing {
        /// What fails.
        action: Action,
        /// Actions that succeed.
        after: u64,
        /// For how long.
        lasts: Lasts,
    },
    /// Nothing may be written or created.
    ReadOnly,
    /// Making a file durable succeeds and does nothing.
    LyingSync,
}

/// Why the disk refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    Failing,
    ReadOnly,
}

/// The faults of a disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.0.contains(&Fault::ReadOnly)
    }

    pub(crate) fn lies(&self) -> bool {
        self.0.contains(&Fault::LyingSync)
    }

    /// Whether an action may go on. `len` is how long all files would be together after it.
    pub(crate) fn meet(&mut self, asked: Action, len: usize) -> Result<(), Refusal> {
        let mut refusal = None;
        self.0.retain_mut(|fault| match fault {
            Fault::FullAfter { writes } if asked == Action::Write => {
                if *writes == 0 {
                    refusal = Some(Refusal::Full);
                }
                *writes = writes.saturating_sub(1);
                true
            }
            Fault::Capacity { bytes } if asked == Action::Write && len > *bytes => {
                refusal = Some(Refusal::Full);
                true
            }
            Fault::Failing {
                action,
                after,
                lasts,
            } if *action == asked || *action == Action::Any => {
                let fails = *after == 0;
                *after = after.saturating_sub(1);
                if fails {
                    refusal = Some(Refusal::Failing);
                }
                !fails || *lasts == Lasts::UntilHealed
            }
            Fault::ReadOnly if asked == Action::Write => {
                refusal = Some(Refusal::ReadOnly);
                true
            }
            Fault::FullAfter { .. }
            | Fault::Capacity { .. }
            | Fault::Failing { .. }
            | Fault::ReadOnly
            | Fault::LyingSync => true,
        });
        refusal.map_or(Ok(()), Err)
    }
}
