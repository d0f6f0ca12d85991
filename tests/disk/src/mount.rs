//! Which folder lies on which disk.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock};

use crate::state::State;

/// A disk between its owner and the openings of its files.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<State>);

impl Shared {
    pub(crate) const fn new(state: State) -> Self {
        Self(Mutex::new(state))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A test that failed elsewhere has said why.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

static MOUNTS: LazyLock<RwLock<HashMap<String, Arc<Shared>>>> = LazyLock::new(RwLock::default);

/// From now on the files of `folder` lie on `disk`.
pub(crate) fn mount(folder: String, disk: Arc<Shared>) {
    let mut mounts = MOUNTS.write().unwrap_or_else(PoisonError::into_inner);
    mounts.insert(folder, disk);
}

/// Takes a disk out of all folders.
pub(crate) fn unmount(disk: &Arc<Shared>) {
    let mut mounts = MOUNTS.write().unwrap_or_else(PoisonError::into_inner);
    mounts.retain(|_, mounted| !Arc::ptr_eq(mounted, disk));
}

/// The disk on which a path lies, and the name of the file there.
pub(crate) fn find(path: &str) -> Option<(Arc<Shared>, &str)> {
    let (folder, name) = path.rsplit_once('/')?;
    let mounts = MOUNTS.read().unwrap_or_else(PoisonError::into_inner);
    Some((Arc::clone(mounts.get(folder)?), name))
}
