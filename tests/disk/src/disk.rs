//! The disk as tests hold it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cut::Cuts;
use crate::fault::Fault;
use crate::log::{Contents, Counts, Promise, Recording};
use crate::mount::{self, Shared};
use crate::state::State;
use crate::vfs;

static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// A disk in memory. SQLite finds it at [`Disk::path`], and in every folder it is mounted on;
/// dropping it takes it out of them.
#[derive(Debug)]
pub struct Disk {
    shared: Arc<Shared>,
    folder: PathBuf,
}

impl Disk {
    /// An empty disk that records what is done to it.
    #[must_use]
    pub fn new(promise: Promise) -> Self {
        let disk = Self::from_contents(Contents::default(), promise);
        disk.record();
        disk
    }

    pub(crate) fn from_contents(contents: Contents, promise: Promise) -> Self {
        vfs::register();
        let shared = Arc::new(Shared::new(State::from_contents(contents, promise)));
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let folder = format!("/almanac-disk/{number}");
        mount::mount(folder.clone(), Arc::clone(&shared));
        Self {
            shared,
            folder: folder.into(),
        }
    }

    /// Puts the disk in the place of a folder. Files that SQLite opens there lie on the disk; an
    /// empty file of the name of each database stands in the folder itself, for whoever looks
    /// whether there is one.
    pub fn mount(&self, folder: &Path) {
        for name in self.shared.state().names.keys() {
            vfs::stand_in(&folder.join(name));
        }
        let folder = folder.to_string_lossy().trim_end_matches('/').to_owned();
        mount::mount(folder, Arc::clone(&self.shared));
    }

    /// Where SQLite finds a file of this disk.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The name of the file system that knows these disks. It is the default of this process as
    /// soon as there is a disk, so that nothing needs to be told of it.
    #[must_use]
    pub const fn vfs_name() -> &'static str {
        vfs::NAME
    }

    /// Records from here on: the disk as it stands counts as durable.
    pub fn record(&self) {
        self.shared.state().record();
    }

    /// How many operations were recorded.
    #[must_use]
    pub fn operations(&self) -> usize {
        let state = self.shared.state();
        state.recording.as_ref().map_or(0, Recording::len)
    }

    /// What was recorded so far.
    #[must_use]
    pub fn recording(&self) -> Recording {
        self.shared.state().recording.clone().unwrap_or_default()
    }

    /// What a power cut after so many operations may leave; another seed, another possibility.
    #[must_use]
    pub fn cut_at(&self, operation: usize, seed: u64) -> Self {
        let recording = self.recording();
        let mut cuts = Cuts::new(&recording);
        cuts.advance_to(operation);
        cuts.image(seed)
    }

    /// The same bytes on another disk, which records nothing yet.
    #[must_use]
    pub fn copy(&self) -> Self {
        let state = self.shared.state();
        let contents = Contents {
            files: state
                .files
                .iter()
                .map(|file| file.content.clone())
                .collect(),
            names: state.names.clone(),
        };
        let promise = state.promise;
        drop(state);
        Self::from_contents(contents, promise)
    }

    /// From now on something goes wrong.
    pub fn fail(&self, fault: Fault) {
        self.shared.state().faults.add(fault);
    }

    /// Everything is well again.
    pub fn heal(&self) {
        self.shared.state().faults.clear();
    }

    /// How often the disk was asked for something.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.state().counts
    }

    /// The newest key that a program opened a database here with: the value of `PRAGMA key`.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        self.shared.state().key.clone()
    }

    /// Names of the files.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.shared.state().names.keys().cloned().collect()
    }

    /// The bytes of a file; none where there is no such file.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let state = self.shared.state();
        let inode = state.find(name);
        inode.map_or_else(Vec::new, |inode| state.files[inode].content.bytes())
    }

    /// Turns one bit of a file over. Nobody is told.
    ///
    /// # Panics
    ///
    /// Where the file does not reach so far.
    pub fn flip_bit(&self, name: &str, byte: usize, bit: u8) {
        let mut state = self.shared.state();
        let inode = state.find(name).expect("a file of this name");
        let content = &mut state.files[inode].content;
        let mut one = [0];
        assert_eq!(content.read(byte, &mut one), 1, "the file is shorter");
        content.write(byte, &[one[0] ^ (1 << (bit % 8))]);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        mount::unmount(&self.shared);
    }
}
