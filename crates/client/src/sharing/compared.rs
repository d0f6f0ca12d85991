//! With whom this person has compared safety numbers: once for each person, on the telephone or where
//! they meet. It is remembered for all calendars and all of the person's devices, and nobody else
//! learns of it.

use almanac_calendar::document::private::Private;
use almanac_protocol::ids::AccountId;

use crate::agenda::wall_clock;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::replica::documents;
use crate::view::Moment;

impl Client {
    /// Remembers that the safety number of a person was the same on both sides, or that it is not
    /// known to be.
    pub fn set_compared(&self, person: &str, same: bool) -> Result<()> {
        let account: AccountId = person.parse().map_err(|_malformed| {
            Error::invalid(format!("“{person}” is no person. Nothing was changed."))
        })?;
        self.write(|work| {
            let now_ms = work.now_ms();
            documents::edit_private(work, |private| {
                if same {
                    let first = now_ms.to_string();
                    private.settings.entry(setting(&account)).or_insert(first);
                } else {
                    private.settings.remove(&setting(&account));
                }
            })
        })
    }
}

/// When the safety number of a person was compared; none before it was.
pub(super) fn compared(private: &Private, account: &AccountId) -> Option<Moment> {
    let ms = private.settings.get(&setting(account))?;
    ms.parse().ok().map(wall_clock)
}

/// Under which name it stands among the settings of the account.
fn setting(account: &AccountId) -> String {
    format!("compared/{account}")
}
