//! A backup as a file: written under another name until it is whole and on the disk, read chunk by
//! chunk, so that a half-written one is never taken for a backup and none stands in memory.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use almanac_crypto::backup::{BACKUP_HEADER_BYTES, BackupError, NewBackup, look};
use almanac_crypto::backup::{BackupLabel, BackupWays};
use almanac_crypto::stream::{
    CHUNK_BYTES, ChunkPlace, SEALED_CHUNK_BYTES, StreamError, StreamOpener, StreamSealer,
};
use almanac_protocol::backup::{ContentError, Item, ItemReader};

use crate::error::{Error, ErrorCode, Result};

/// What the name of a whole backup ends with.
pub(super) const SUFFIX: &str = ".almanac-backup";
/// What the name of one that is being written ends with.
pub(super) const PART: &str = ".almanac-backup.part";

/// A backup that is being written.
pub(super) struct Writing {
    file: BufWriter<File>,
    sealer: StreamSealer,
    waiting: Vec<u8>,
    items: u64,
    part: PathBuf,
}

impl Writing {
    /// Begins the file that `path` will name once it is whole.
    pub(super) fn begin(path: &Path, new: &mut NewBackup) -> Result<Self> {
        let part = path.with_extension("almanac-backup.part");
        let create = || -> io::Result<BufWriter<File>> {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = BufWriter::new(options.open(&part)?);
            file.write_all(&new.header)?;
            Ok(file)
        };
        let file = create().map_err(|error| unwritable(path, &error))?;
        // What seals is used once: the opener that reads it back comes from the same secret.
        let sealer = std::mem::replace(&mut new.sealer, spent());
        Ok(Self {
            file,
            sealer,
            waiting: Vec::with_capacity(2 * CHUNK_BYTES),
            items: 0,
            part,
        })
    }

    /// How many items stand in it.
    pub(super) const fn items(&self) -> u64 {
        self.items
    }

    /// Adds an item.
    pub(super) fn put(&mut self, item: &Item) -> Result<()> {
        item.write(&mut self.waiting).map_err(Error::internal)?;
        self.items += 1;
        // The last chunk is held back: only the end knows that it is the last.
        while self.waiting.len() > CHUNK_BYTES {
            let rest = self.waiting.split_off(CHUNK_BYTES);
            let full = std::mem::replace(&mut self.waiting, rest);
            self.seal(&full, ChunkPlace::Middle)?;
        }
        Ok(())
    }

    /// Ends the file, once all of it is on the disk. Gives its size.
    pub(super) fn finish(mut self) -> Result<Part> {
        let last = std::mem::take(&mut self.waiting);
        self.seal(&last, ChunkPlace::Last)?;
        let Self { file, part, .. } = self;
        let written = file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all().and_then(|()| file.metadata()));
        let bytes = written.map_err(|error| unwritable(&part, &error))?.len();
        Ok(Part { path: part, bytes })
    }

    fn seal(&mut self, chunk: &[u8], place: ChunkPlace) -> Result<()> {
        let sealed = self.sealer.seal(chunk, place).map_err(Error::internal)?;
        let written = self.file.write_all(&sealed);
        written.map_err(|error| unwritable(&self.part, &error))
    }
}

/// A sealer of nothing, in place of one that is in use.
fn spent() -> StreamSealer {
    StreamSealer::new(
        &almanac_crypto::secret::BackupSecret::from_bytes([0; 32]),
        &[],
    )
}

/// A backup that is whole, under the name of one that is not.
pub(super) struct Part {
    path: PathBuf,
    pub(super) bytes: u64,
}

impl Part {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, which is what makes it a backup.
    pub(super) fn commit(self, path: &Path) -> Result<()> {
        let rename = || -> io::Result<()> {
            fs::rename(&self.path, path)?;
            let folder = path.parent().unwrap_or_else(|| Path::new("."));
            File::open(folder)?.sync_all()
        };
        rename().map_err(|error| unwritable(path, &error))
    }
}

/// A file that says it is a backup.
pub(super) struct Found {
    pub(super) label: BackupLabel,
    pub(super) ways: BackupWays,
    pub(super) header: Vec<u8>,
    file: BufReader<File>,
    sealed_bytes: u64,
}

impl Found {
    /// Reads the head of a file. Nothing of it is proven yet.
    pub(super) fn at(path: &Path) -> Result<Self> {
        let missing = |error: &io::Error| {
            Error::not_found(format!(
                "The backup {} cannot be read ({error}). Nothing was changed.",
                path.display()
            ))
        };
        let file = File::open(path).map_err(|error| missing(&error))?;
        let bytes = file.metadata().map_err(|error| missing(&error))?.len();
        let mut file = BufReader::with_capacity(2 * SEALED_CHUNK_BYTES, file);
        let mut header = vec![0; BACKUP_HEADER_BYTES];
        file.read_exact(&mut header).map_err(|_| no_backup())?;
        let (label, ways) = look(&header).map_err(refused)?;
        Ok(Self {
            label,
            ways,
            header,
            file,
            sealed_bytes: bytes.saturating_sub(BACKUP_HEADER_BYTES as u64),
        })
    }

    /// Its content, once something opens it.
    pub(super) fn content(self, opener: StreamOpener) -> Content {
        Content {
            file: self.file,
            opener,
            left: self.sealed_bytes,
            is_read: false,
            reader: ItemReader::default(),
            ready: VecDeque::new(),
        }
    }
}

/// The content of a backup, item by item.
pub(super) struct Content {
    file: BufReader<File>,
    opener: StreamOpener,
    left: u64,
    is_read: bool,
    reader: ItemReader,
    ready: VecDeque<Item>,
}

impl Content {
    /// The next item; nothing after the end, which is only reached if the file is whole.
    pub(super) fn next(&mut self) -> Result<Option<Item>> {
        while self.ready.is_empty() {
            if self.is_read {
                let reader = std::mem::take(&mut self.reader);
                reader.finish().map_err(bad_content)?;
                return Ok(None);
            }
            let chunk = self.chunk()?;
            self.ready
                .extend(self.reader.feed(&chunk).map_err(bad_content)?);
        }
        Ok(self.ready.pop_front())
    }

    fn chunk(&mut self) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        let full = SEALED_CHUNK_BYTES as u64;
        let (bytes, place) = if self.left > full {
            (full, ChunkPlace::Middle)
        } else {
            (self.left, ChunkPlace::Last)
        };
        let mut sealed = vec![0; usize::try_from(bytes).map_err(Error::internal)?];
        self.file.read_exact(&mut sealed).map_err(|_| not_whole())?;
        self.left -= bytes;
        self.is_read = place == ChunkPlace::Last;
        self.opener
            .open(&sealed, place)
            .map_err(|error| match error {
                StreamError::Length(_) | StreamError::Over | StreamError::Refused => not_whole(),
            })
    }
}

/// What a head that is not taken means to a person.
pub(super) fn refused(error: BackupError) -> Error {
    match error {
        BackupError::Version(_) | BackupError::Suite(_) => too_new(),
        BackupError::OtherWay => Error::new(
            ErrorCode::BackupRefused,
            "This backup opens in another way: `almanac backup list` says whether it is the \
             passphrase of your backups or the words of your recovery kit. Nothing was changed.",
        ),
        BackupError::OtherKit => Error::new(
            ErrorCode::BackupRefused,
            "These are the words of another recovery kit than the one this backup was made for. \
             Nothing was changed. Use the words that were yours when it was made, or its \
             passphrase if it has one.",
        ),
        BackupError::Refused => Error::new(
            ErrorCode::WrongPassphrase,
            "The backup does not open: the passphrase is not the one it was made with, or the file \
             was changed. Nothing was restored. Capitals and spaces count.",
        ),
        BackupError::Length(_) | BackupError::Magic => no_backup(),
        BackupError::Ways | BackupError::Cost => not_whole(),
    }
}

fn bad_content(error: ContentError) -> Error {
    tracing::warn!(%error, "backup.content");
    if matches!(error, ContentError::Version(_)) {
        too_new()
    } else {
        not_whole()
    }
}

fn too_new() -> Error {
    Error::new(
        ErrorCode::TooNew,
        "This backup was made by a newer version of Almanac. Nothing was changed. Update this \
         program to read it.",
    )
}

pub(super) fn no_backup() -> Error {
    Error::new(
        ErrorCode::BackupRefused,
        "This file is no backup of Almanac. Nothing was changed.",
    )
}

/// A byte of it is another, or some are missing.
pub(super) fn not_whole() -> Error {
    Error::new(
        ErrorCode::BackupRefused,
        "This backup is damaged: a part of it is missing or was changed. Nothing of it was \
         restored. Take another one; `almanac backup list` shows what there is.",
    )
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Error {
    Error::new(
        ErrorCode::DiskFull,
        format!(
            "The backup {} cannot be written ({error}). The backups that are there stay as they \
             are. Make room, or choose another folder with `almanac backup schedule --to DIR`.",
            path.display()
        ),
    )
}
