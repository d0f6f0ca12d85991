//! Where the profile of this person lies when nobody says otherwise.

use std::path::PathBuf;

use directories::ProjectDirs;

use crate::error::{Error, Result};

/// The folder that the window and the command line share.
///
/// # Errors
///
/// [`crate::ErrorCode::InvalidInput`] where the system has no home folder for this person.
pub fn default_profile() -> Result<PathBuf> {
    let places = ProjectDirs::from("org", "almanac", "Almanac").ok_or_else(|| {
        Error::invalid("This system has no home folder. Name a folder with --profile.")
    })?;
    Ok(places.data_dir().join("profile"))
}
