//! SQLite's five levels of a lock on one file, between the connections of this process.
//!
//! The rules are those of SQLite's "File Locking And Concurrency": many share, one of them may
//! reserve, and who is alone may exclude.

use std::collections::BTreeSet;

/// One opening of a file.
pub(crate) type Opening = u64;

/// How much an opening holds, in SQLite's numbers: `SQLITE_LOCK_NONE` to `SQLITE_LOCK_EXCLUSIVE`.
pub(crate) type Level = i32;

const SHARED: Level = 1;
const RESERVED: Level = 2;
const EXCLUSIVE: Level = 4;

#[derive(Debug, Default)]
pub(crate) struct Locks {
    shared: BTreeSet<Opening>,
    reserved: Option<Opening>,
    pending: Option<Opening>,
    exclusive: Option<Opening>,
}

impl Locks {
    /// Takes a level, or says that another opening is in the way. Asking to exclude keeps others
    /// from beginning to share even where it is refused.
    pub(crate) fn take(&mut self, who: Opening, level: Level) -> bool {
        let is_other = |holder: Option<Opening>| holder.is_some_and(|holder| holder != who);
        if is_other(self.exclusive) || is_other(self.pending) {
            return level <= SHARED && self.shared.contains(&who);
        }
        if level >= SHARED {
            self.shared.insert(who);
        }
        if level >= RESERVED {
            if is_other(self.reserved) {
                return false;
            }
            if level == RESERVED {
                self.reserved = Some(who);
            }
        }
        if level >= EXCLUSIVE {
            self.pending = Some(who);
            if self.shared.iter().any(|sharer| *sharer != who) {
                return false;
            }
            self.exclusive = Some(who);
        }
        true
    }

    /// Goes down to sharing, or to nothing.
    pub(crate) fn release(&mut self, who: Opening, level: Level) {
        for holder in [&mut self.reserved, &mut self.pending, &mut self.exclusive] {
            if *holder == Some(who) {
                *holder = None;
            }
        }
        if level < SHARED {
            self.shared.remove(&who);
        }
    }

    /// Whether anyone has reserved, or more.
    pub(crate) const fn is_reserved(&self) -> bool {
        self.reserved.is_some() || self.pending.is_some() || self.exclusive.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reserves_while_others_read_and_excludes_when_they_are_gone() {
        let mut locks = Locks::default();
        assert!(locks.take(1, SHARED) && locks.take(2, SHARED));
        assert!(locks.take(1, RESERVED) && !locks.take(2, RESERVED));
        assert!(!locks.take(1, EXCLUSIVE), "another one reads");
        assert!(!locks.take(3, SHARED), "nobody begins while one waits");
        locks.release(2, 0);
        assert!(locks.take(1, EXCLUSIVE));
        assert!(!locks.take(2, SHARED));
        locks.release(1, SHARED);
        assert!(locks.take(2, SHARED) && !locks.is_reserved());
    }
}
