//! What the window was started with: which profile, and nothing else.

use std::ffi::OsString;
use std::path::PathBuf;

/// Environment variable that names the profile folder.
const PROFILE_VARIABLE: &str = "ALMANAC_PROFILE";

/// How the window was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Folder of the profile; none where the person did not name one.
    pub profile: Option<PathBuf>,
}

impl Start {
    /// Reads the arguments, then the environment.
    ///
    /// # Errors
    ///
    /// A sentence for the terminal, where an argument is not known.
    pub fn from_environment(arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let named = Self::from_arguments(arguments)?;
        let profile = named
            .profile
            .or_else(|| std::env::var_os(PROFILE_VARIABLE).map(Into::into));
        Ok(Self {
            profile: profile.filter(|folder| !folder.as_os_str().is_empty()),
        })
    }

    fn from_arguments(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut profile = None;
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy();
            if text == "--profile" {
                let folder = arguments
                    .next()
                    .ok_or("--profile needs a folder after it.")?;
                profile = Some(folder.into());
            } else if let Some(folder) = text.strip_prefix("--profile=") {
                profile = Some(folder.into());
            } else {
                return Err(format!(
                    "The window does not know {text}. Use --profile DIR, or nothing; everything \
                     else is in the command line program, `almanac`."
                ));
            }
        }
        Ok(Self { profile })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Start, String> {
        Start::from_arguments(arguments.iter().map(OsString::from))
    }

    #[test]
    fn a_profile_is_named_in_either_form_or_not_at_all() {
        let ada = Some(PathBuf::from("ada"));
        assert_eq!(read(&["--profile", "ada"]).unwrap().profile, ada);
        assert_eq!(read(&["--profile=ada"]).unwrap().profile, ada);
        assert_eq!(read(&[]).unwrap().profile, None);
    }

    #[test]
    fn what_is_not_known_is_said_and_not_guessed() {
        assert!(read(&["--profil", "ada"]).unwrap_err().contains("--profil"));
        assert!(read(&["--profile"]).unwrap_err().contains("folder"));
    }
}
