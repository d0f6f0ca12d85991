//! The file system that SQLite asks: what lies on a disk of ours is found there, all else is passed
//! on to the file system that was the default before.
//!
//! The rules are those of SQLite's documentation of `sqlite3_vfs`. Time and sleep are the system's;
//! randomness is, too, until it is seeded.
#![expect(
    unsafe_code,
    reason = "SQLite calls a file system through pointers to functions, with pointers to files and names"
)]

use std::ffi::{CStr, c_char, c_int};
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};

use rusqlite::ffi;

use crate::dice::Dice;
use crate::fault::Refusal;
use crate::file::OpenFile;
use crate::mount;
use crate::state::Kind;

/// What SQLite calls it.
pub(crate) const NAME: &str = "almanac-disk";
const C_NAME: &CStr = c"almanac-disk";

static REGISTERED: Once = Once::new();
static RANDOMNESS: Mutex<Option<Dice>> = Mutex::new(None);

/// Makes it the default of this process.
pub(crate) fn register() {
    REGISTERED.call_once(|| {
        // SAFETY: a null name asks for the default, which SQLite keeps until the process ends.
        let below = unsafe { ffi::sqlite3_vfs_find(std::ptr::null()) };
        assert!(!below.is_null(), "SQLite has a file system");
        // SAFETY: as above; the structure is read before anything is registered.
        let inner = unsafe { std::ptr::read(below) };
        let own = c_int::try_from(size_of::<OpenFile>()).expect("an open file is small");
        let vfs = ffi::sqlite3_vfs {
            iVersion: 2,
            szOsFile: own.max(inner.szOsFile),
            pNext: std::ptr::null_mut(),
            zName: C_NAME.as_ptr(),
            pAppData: below.cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: Some(current_time_int64),
            ..inner
        };
        // SAFETY: the structure is never freed, and every function in it stands below or ignores
        // the file system it is given.
        let registered = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 1) };
        assert_eq!(registered, ffi::SQLITE_OK, "SQLite takes the file system");
    });
}

/// Seeds SQLite's own randomness in this process, which among other things salts each WAL.
pub fn seed_randomness(seed: u64) {
    register();
    *RANDOMNESS.lock().unwrap_or_else(PoisonError::into_inner) = Some(Dice::new(seed));
    // SAFETY: no bytes are asked for, which tells SQLite to seed itself anew.
    unsafe { ffi::sqlite3_randomness(0, std::ptr::null_mut()) };
}

/// Leaves an empty file where programs look whether there is a database.
pub(crate) fn stand_in(path: &Path) {
    // A folder that exists only on the disk has no place for it, and nobody looks there.
    let _ = std::fs::File::create_new(path);
}

pub(crate) const fn code(refusal: Refusal, otherwise: c_int) -> c_int {
    match refusal {
        Refusal::Full => ffi::SQLITE_FULL,
        Refusal::Failing => otherwise,
        Refusal::ReadOnly => ffi::SQLITE_READONLY,
    }
}

/// The file system that was the default before.
///
/// # Safety
///
/// `vfs` is the one registered above.
unsafe fn below(vfs: *mut ffi::sqlite3_vfs) -> *mut ffi::sqlite3_vfs {
    // SAFETY: registered with the pointer to it.
    unsafe { (*vfs).pAppData.cast() }
}

/// The text of a name; `None` where there is none or it is not UTF-8.
///
/// # Safety
///
/// `name` is null or ends in zero and lives as long as the result is used.
pub(crate) unsafe fn text<'a>(name: *const c_char) -> Option<&'a str> {
    if name.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(name) }.to_str().ok()
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives null or a name that lives as long as the file is open.
    let path = unsafe { text(name) };
    let Some((path, (disk, name))) = path.and_then(|path| Some((path, mount::find(path)?))) else {
        // SAFETY: passed on as it came; the space behind `file` is large enough for both.
        return unsafe {
            let below = below(vfs);
            (*below).xOpen.map_or(ffi::SQLITE_CANTOPEN, |open| {
                open(below, name, file, flags, flags_out)
            })
        };
    };
    // SAFETY: `file` is valid; without methods SQLite knows that it is not open.
    unsafe { (*file).pMethods = std::ptr::null() };
    let kind = if flags
        & (ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL)
        != 0
    {
        Kind::Journal
    } else {
        Kind::Database
    };
    let mut state = disk.state();
    let inode = match state.find(name) {
        Some(_) if flags & ffi::SQLITE_OPEN_EXCLUSIVE != 0 => return ffi::SQLITE_CANTOPEN,
        Some(inode) => inode,
        None if flags & ffi::SQLITE_OPEN_CREATE == 0 => return ffi::SQLITE_CANTOPEN,
        None => {
            if kind == Kind::Database {
                stand_in(Path::new(path));
            }
            match state.create(name, kind) {
                Ok(inode) => inode,
                Err(refusal) => return code(refusal, ffi::SQLITE_CANTOPEN),
            }
        }
    };
    let is_read_only = state.faults.is_read_only();
    let opening = state.new_opening();
    drop(state);
    if !flags_out.is_null() {
        let given = if is_read_only {
            flags & !(ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE)
                | ffi::SQLITE_OPEN_READONLY
        } else {
            flags
        };
        // SAFETY: not null, and SQLite's to be written.
        unsafe { *flags_out = given };
    }
    let deletes = (flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0).then(|| name.to_owned());
    // SAFETY: SQLite gave `szOsFile` bytes, at least the size of an open file.
    unsafe { OpenFile::begin(file, disk, inode, opening, deletes) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    syncs_folder: c_int,
) -> c_int {
    // SAFETY: SQLite gives a name.
    let Some((disk, file)) = unsafe { text(name) }.and_then(mount::find) else {
        // SAFETY: passed on as it came.
        return unsafe {
            let below = below(vfs);
            (*below).xDelete.map_or(ffi::SQLITE_IOERR_DELETE, |delete| {
                delete(below, name, syncs_folder)
            })
        };
    };
    let mut state = disk.state();
    match state.delete(file) {
        Ok(true) => {
            if syncs_folder != 0 {
                state.sync_folder();
            }
            ffi::SQLITE_OK
        }
        Ok(false) => ffi::SQLITE_IOERR_DELETE_NOENT,
        Err(refusal) => code(refusal, ffi::SQLITE_IOERR_DELETE),
    }
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    result: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a name.
    let Some((disk, file)) = unsafe { text(name) }.and_then(mount::find) else {
        // SAFETY: passed on as it came.
        return unsafe {
            let below = below(vfs);
            (*below).xAccess.map_or(ffi::SQLITE_IOERR_ACCESS, |access| {
                access(below, name, flags, result)
            })
        };
    };
    let state = disk.state();
    let inode = state.find(file);
    let answer = match (flags, inode) {
        (_, None) => false,
        // An empty journal counts as none, as under Unix.
        (ffi::SQLITE_ACCESS_EXISTS, Some(inode)) => state.files[inode].content.len() > 0,
        (ffi::SQLITE_ACCESS_READWRITE, Some(_)) => !state.faults.is_read_only(),
        (_, Some(_)) => true,
    };
    // SAFETY: SQLite's to be written.
    unsafe { *result = c_int::from(answer) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite gives a name.
    let Some(path) = (unsafe { text(name) }).filter(|path| mount::find(path).is_some()) else {
        // SAFETY: passed on as it came.
        return unsafe {
            let below = below(vfs);
            (*below)
                .xFullPathname
                .map_or(ffi::SQLITE_CANTOPEN, |full| full(below, name, room, out))
        };
    };
    if usize::try_from(room).unwrap_or_default() <= path.len() {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: there is room for the text and its zero, as was just checked, and `name` ends in one.
    unsafe { std::ptr::copy_nonoverlapping(name, out, path.len() + 1) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(
    vfs: *mut ffi::sqlite3_vfs,
    count: c_int,
    out: *mut c_char,
) -> c_int {
    let mut seeded = RANDOMNESS.lock().unwrap_or_else(PoisonError::into_inner);
    if let (Some(dice), Ok(len)) = (seeded.as_mut(), usize::try_from(count)) {
        // SAFETY: SQLite gives room for so many bytes.
        dice.fill(unsafe { std::slice::from_raw_parts_mut(out.cast(), len) });
        return count;
    }
    // SAFETY: passed on as it came.
    unsafe {
        let below = below(vfs);
        (*below)
            .xRandomness
            .map_or(0, |random| random(below, count, out))
    }
}

unsafe extern "C" fn sleep(vfs: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let below = below(vfs);
        (*below)
            .xSleep
            .map_or(0, |sleep| sleep(below, microseconds))
    }
}

unsafe extern "C" fn current_time(vfs: *mut ffi::sqlite3_vfs, day: *mut f64) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let below = below(vfs);
        (*below)
            .xCurrentTime
            .map_or(ffi::SQLITE_ERROR, |time| time(below, day))
    }
}

unsafe extern "C" fn current_time_int64(
    vfs: *mut ffi::sqlite3_vfs,
    ms: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let below = below(vfs);
        (*below)
            .xCurrentTimeInt64
            .map_or(ffi::SQLITE_ERROR, |time| time(below, ms))
    }
}

unsafe extern "C" fn last_error(
    vfs: *mut ffi::sqlite3_vfs,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let below = below(vfs);
        (*below)
            .xGetLastError
            .map_or(0, |error| error(below, room, out))
    }
}
