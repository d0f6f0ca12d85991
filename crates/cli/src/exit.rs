//! Exit statuses: what a script goes by. Part of the interface, so never renumbered.

use almanac_client::ErrorCode;

/// A fault of the program.
pub(crate) const INTERNAL: u8 = 1;
/// What was asked for makes no sense as it stands.
pub(crate) const INPUT: u8 = 2;

/// The page of `--help` about them.
pub(crate) const HELP: &str = "\
Exit status:
  0  done
  1  a fault of the program
  2  the arguments or a file make no sense, or the name is taken
  3  there is no such event, calendar or file, or no profile yet
  4  the passphrase is wrong or missing, or the keychain cannot be used
  5  the database is damaged, busy or of a newer version, or the disk is full
  6  no relay is set up, it cannot be reached, or what answers is not a relay
  7  the relay or a calendar does not allow it, the invite is not valid, linking did not
     succeed, this device was revoked, or a code of the second factor is due

With --json standard output is one JSON value. A failure leaves it empty and writes
{\"error\":{\"code\":…,\"message\":…}} to standard error.

Environment: ALMANAC_PROFILE and ALMANAC_PASSPHRASE_FILE stand in for the options of the
same name; ALMANAC_LOG=info writes logs to standard error; TZ names the system's zone.";

/// The exit status of a failure.
pub(crate) const fn status(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::Internal => INTERNAL,
        ErrorCode::InvalidInput | ErrorCode::AlreadyExists | ErrorCode::BackupRefused => INPUT,
        ErrorCode::NotFound | ErrorCode::NoProfile => 3,
        ErrorCode::WrongPassphrase | ErrorCode::Locked | ErrorCode::Keychain => 4,
        ErrorCode::DatabaseDamaged
        | ErrorCode::TooNew
        | ErrorCode::Busy
        | ErrorCode::DiskFull
        | ErrorCode::DiskFailing => 5,
        ErrorCode::NoRelay | ErrorCode::RelayUnreachable | ErrorCode::NotARelay => 6,
        ErrorCode::RelayRefused
        | ErrorCode::InviteInvalid
        | ErrorCode::NotAllowed
        | ErrorCode::DeviceRevoked
        | ErrorCode::SecondFactorDue
        | ErrorCode::LinkingFailed
        | ErrorCode::RelayContradicts => 7,
    }
}
