//! An open file, as SQLite holds it: the functions it calls for each of them.
//!
//! The rules are those of SQLite's documentation of `sqlite3_io_methods`. The disk promises no more
//! than it was told to; files are not mapped into memory.
#![expect(
    unsafe_code,
    reason = "SQLite calls these functions with the file and with room for bytes behind pointers"
)]

use std::ffi::{c_char, c_int, c_void};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

use rusqlite::ffi;

use crate::lock::{Level, Opening};
use crate::log::{Inode, Promise};
use crate::mount::Shared;
use crate::shared_memory::HeldLocks;
use crate::vfs::{code, text};

/// What stands in the room SQLite gives for a file. Its first field is what SQLite knows of it.
#[repr(C)]
pub(crate) struct OpenFile {
    base: ffi::sqlite3_file,
    holder: *mut Holder,
}

struct Holder {
    disk: Arc<Shared>,
    inode: Inode,
    opening: Opening,
    level: Level,
    held: HeldLocks,
    uses_memory: bool,
    /// Its name, where it goes when it is closed.
    deletes: Option<String>,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

impl OpenFile {
    /// Makes the room behind `file` an open file.
    ///
    /// # Safety
    ///
    /// There is room for an [`OpenFile`], and it is closed by SQLite through its methods.
    pub(crate) unsafe fn begin(
        file: *mut ffi::sqlite3_file,
        disk: Arc<Shared>,
        inode: Inode,
        opening: Opening,
        deletes: Option<String>,
    ) {
        let holder = Holder {
            disk,
            inode,
            opening,
            level: ffi::SQLITE_LOCK_NONE,
            held: HeldLocks::default(),
            uses_memory: false,
            deletes,
        };
        let open = Self {
            base: ffi::sqlite3_file {
                pMethods: &raw const METHODS,
            },
            holder: Box::into_raw(Box::new(holder)),
        };
        // SAFETY: the caller's promise.
        unsafe { file.cast::<Self>().write(open) };
    }
}

/// The holder behind a file.
///
/// # Safety
///
/// `file` was begun by [`OpenFile::begin`], was not closed, and SQLite calls from one thread at a
/// time for each open file.
unsafe fn holder<'a>(file: *mut ffi::sqlite3_file) -> &'a mut Holder {
    // SAFETY: the caller's promise.
    unsafe { &mut *(*file.cast::<OpenFile>()).holder }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes an open file once; nothing of it is used afterwards.
    let mut holder = unsafe { Box::from_raw((*file.cast::<OpenFile>()).holder) };
    holder.leave_memory();
    let mut state = holder.disk.state();
    state.files[holder.inode]
        .locks
        .release(holder.opening, ffi::SQLITE_LOCK_NONE);
    if let Some(name) = &holder.deletes {
        // A file that only this opening knew: nobody asks whether it went.
        let _ = state.delete(name);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    out: *mut c_void,
    count: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let (Ok(len), Ok(offset)) = (usize::try_from(count), usize::try_from(offset)) else {
        return ffi::SQLITE_IOERR_READ;
    };
    // SAFETY: an open file, and room for so many bytes.
    let (holder, into) = unsafe {
        (
            holder(file),
            std::slice::from_raw_parts_mut(out.cast::<u8>(), len),
        )
    };
    match holder.disk.state().read(holder.inode, offset, into) {
        Ok(there) if there == len => ffi::SQLITE_OK,
        Ok(there) => {
            into[there..].fill(0);
            ffi::SQLITE_IOERR_SHORT_READ
        }
        Err(refusal) => code(refusal, ffi::SQLITE_IOERR_READ),
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let (Ok(len), Ok(offset)) = (usize::try_from(count), usize::try_from(offset)) else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    // SAFETY: an open file, and so many bytes.
    let (holder, bytes) = unsafe {
        (
            holder(file),
            std::slice::from_raw_parts(bytes.cast::<u8>(), len),
        )
    };
    let written = holder.disk.state().write(holder.inode, offset, bytes);
    written.map_or_else(
        |refusal| code(refusal, ffi::SQLITE_IOERR_WRITE),
        |()| ffi::SQLITE_OK,
    )
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, len: ffi::sqlite3_int64) -> c_int {
    // SAFETY: an open file.
    let holder = unsafe { holder(file) };
    let Ok(len) = usize::try_from(len) else {
        return ffi::SQLITE_IOERR_TRUNCATE;
    };
    let cut = holder.disk.state().set_len(holder.inode, len);
    cut.map_or_else(
        |refusal| code(refusal, ffi::SQLITE_IOERR_TRUNCATE),
        |()| ffi::SQLITE_OK,
    )
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: an open file.
    let holder = unsafe { holder(file) };
    let synced = holder.disk.state().sync(holder.inode);
    synced.map_or_else(
        |refusal| code(refusal, ffi::SQLITE_IOERR_FSYNC),
        |()| ffi::SQLITE_OK,
    )
}

unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    len: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: an open file, and SQLite's number to be written.
    unsafe {
        let holder = holder(file);
        let there = holder.disk.state().files[holder.inode].content.len();
        *len = i64::try_from(there).expect("files in memory are short");
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: an open file.
    let holder = unsafe { holder(file) };
    if holder.level >= level {
        return ffi::SQLITE_OK;
    }
    let mut state = holder.disk.state();
    if state.files[holder.inode].locks.take(holder.opening, level) {
        holder.level = level;
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_BUSY
    }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: an open file.
    let holder = unsafe { holder(file) };
    let mut state = holder.disk.state();
    state.files[holder.inode]
        .locks
        .release(holder.opening, level);
    holder.level = holder.level.min(level);
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: an open file, and SQLite's number to be written.
    unsafe {
        let holder = holder(file);
        let state = holder.disk.state();
        *out = c_int::from(state.files[holder.inode].locks.is_reserved());
    }
    ffi::SQLITE_OK
}

/// Hears the key that a program opens its database with, and lets nobody lock memory: what lies on
/// this disk lies in memory anyway, and locking takes half of the time. All else is left to SQLite.
unsafe extern "C" fn file_control(
    file: *mut ffi::sqlite3_file,
    what: c_int,
    argument: *mut c_void,
) -> c_int {
    if what != ffi::SQLITE_FCNTL_PRAGMA {
        return ffi::SQLITE_NOTFOUND;
    }
    // SAFETY: of a pragma SQLite gives an array of an answer, the name, and the value or null, both
    // of which end in zero.
    let (name, value) = unsafe {
        let words = argument.cast::<*const c_char>();
        (text(*words.add(1)), text(*words.add(2)))
    };
    match (name, value) {
        (Some("cipher_memory_security"), Some(_)) => ffi::SQLITE_OK,
        (Some("key"), Some(key)) => {
            // SAFETY: an open file.
            unsafe { holder(file) }.disk.state().key = Some(key.to_owned());
            ffi::SQLITE_NOTFOUND
        }
        _ => ffi::SQLITE_NOTFOUND,
    }
}

unsafe extern "C" fn sector_size(_file: *mut ffi::sqlite3_file) -> c_int {
    512
}

unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: an open file.
    match unsafe { holder(file) }.disk.state().promise {
        Promise::None => 0,
        Promise::PowersafeOverwrite => ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE,
    }
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    number: c_int,
    len: c_int,
    makes: c_int,
    out: *mut *mut c_void,
) -> c_int {
    let (Ok(number), Ok(len)) = (usize::try_from(number), usize::try_from(len)) else {
        return ffi::SQLITE_IOERR_SHMMAP;
    };
    // SAFETY: an open file.
    let holder = unsafe { holder(file) };
    let mut state = holder.disk.state();
    let memory = &mut state.files[holder.inode].memory;
    if !holder.uses_memory {
        memory.enter();
        holder.uses_memory = true;
    }
    let region = memory.region(number, len, makes != 0);
    // SAFETY: SQLite's pointer to be written.
    unsafe { *out = region.map_or(std::ptr::null_mut(), <*mut u8>::cast) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    first: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    let (Ok(first), Ok(count)) = (usize::try_from(first), usize::try_from(count)) else {
        return ffi::SQLITE_IOERR_SHMLOCK;
    };
    // SAFETY: an open file.
    let taken = unsafe { holder(file) }.lock_memory(first..first + count, flags);
    if taken {
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_BUSY
    }
}

unsafe extern "C" fn shm_barrier(_file: *mut ffi::sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _deletes: c_int) -> c_int {
    // SAFETY: an open file.
    unsafe { holder(file) }.leave_memory();
    ffi::SQLITE_OK
}

impl Holder {
    fn leave_memory(&mut self) {
        if std::mem::take(&mut self.uses_memory) {
            let mut state = self.disk.state();
            state.files[self.inode].memory.leave(&mut self.held);
        }
    }

    fn lock_memory(&mut self, locks: Range<usize>, flags: c_int) -> bool {
        let mut state = self.disk.state();
        let memory = &mut state.files[self.inode].memory;
        if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
            memory.unlock(&mut self.held, locks);
            true
        } else if flags & ffi::SQLITE_SHM_SHARED != 0 {
            memory.lock_shared(&mut self.held, locks)
        } else {
            memory.lock_alone(&mut self.held, locks)
        }
    }
}
