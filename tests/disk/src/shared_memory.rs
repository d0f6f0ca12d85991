//! The memory that the connections of a WAL share, and its eight locks.
//!
//! It is no file: a power cut takes it. Whoever opens the file when nobody else has it finds it
//! empty.
#![expect(
    unsafe_code,
    reason = "SQLite keeps pointers into this memory and reads it from several threads"
)]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;

/// `SQLITE_SHM_NLOCK`.
const LOCKS: usize = 8;

#[derive(Debug, Default)]
pub(crate) struct SharedMemory {
    regions: Vec<Region>,
    shared: [u32; LOCKS],
    is_exclusive: [bool; LOCKS],
    users: usize,
}

/// The locks that one opening holds.
#[derive(Debug, Default)]
pub(crate) struct HeldLocks {
    shared: [bool; LOCKS],
    exclusive: [bool; LOCKS],
}

impl SharedMemory {
    pub(crate) const fn enter(&mut self) {
        self.users += 1;
    }

    /// Gives up the locks of an opening, and the memory when it was the last one.
    pub(crate) fn leave(&mut self, held: &mut HeldLocks) {
        self.unlock(held, 0..LOCKS);
        self.users -= 1;
        if self.users == 0 {
            self.regions.clear();
        }
    }

    /// The beginning of a region; `None` where there is none and none may be made.
    pub(crate) fn region(&mut self, number: usize, len: usize, makes: bool) -> Option<*mut u8> {
        while makes && self.regions.len() <= number {
            self.regions.push(Region::new(len));
        }
        self.regions.get(number).map(|region| region.start.as_ptr())
    }

    /// Shares locks with others who share them.
    pub(crate) fn lock_shared(
        &mut self,
        held: &mut HeldLocks,
        range: std::ops::Range<usize>,
    ) -> bool {
        let is_free = |lock: usize| held.shared[lock] || !self.is_exclusive[lock];
        if !range.clone().all(is_free) {
            return false;
        }
        for lock in range {
            self.shared[lock] += u32::from(!held.shared[lock]);
            held.shared[lock] = true;
        }
        true
    }

    /// Takes locks alone.
    pub(crate) fn lock_alone(
        &mut self,
        held: &mut HeldLocks,
        range: std::ops::Range<usize>,
    ) -> bool {
        let is_free = |lock: usize| {
            held.exclusive[lock]
                || (!self.is_exclusive[lock] && self.shared[lock] == u32::from(held.shared[lock]))
        };
        if !range.clone().all(is_free) {
            return false;
        }
        for lock in range {
            self.is_exclusive[lock] = true;
            held.exclusive[lock] = true;
        }
        true
    }

    pub(crate) fn unlock(&mut self, held: &mut HeldLocks, range: std::ops::Range<usize>) {
        for lock in range {
            self.shared[lock] -= u32::from(held.shared[lock]);
            if held.exclusive[lock] {
                self.is_exclusive[lock] = false;
            }
            held.shared[lock] = false;
            held.exclusive[lock] = false;
        }
    }
}

/// Memory that stays where it is until the last opening is gone.
#[derive(Debug)]
struct Region {
    start: NonNull<u8>,
    layout: Layout,
}

impl Region {
    fn new(len: usize) -> Self {
        let layout = Layout::from_size_align(len.max(8), 8).expect("regions are small");
        // SAFETY: the layout has a size above zero.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) });
        let Some(start) = start else {
            handle_alloc_error(layout)
        };
        Self { start, layout }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, and nobody who was given the pointer is left.
        unsafe { dealloc(self.start.as_ptr(), self.layout) };
    }
}

// SAFETY: the memory belongs to no thread; SQLite orders its accesses by the locks above and by
// barriers, as it does for memory that processes share.
unsafe impl Send for Region {}
