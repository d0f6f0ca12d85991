//! Table `guest`: accounts that live at another relay and share calendars that live here.
//!
//! Invariant: a guest is in `account` too, as devices and logs ask for it; who is there and not here has
//! registered. Leaves alone: what a guest may do in a calendar, which its log says as of anyone.

use almanac_protocol::ids::{AccountId, VerifyKey};
use almanac_protocol::session::relay::Look;
use rusqlite::{Connection, OptionalExtension, params};

use super::{account, column};
use crate::clock;
use crate::reject::Refusal;

/// The key of a guest's own relay, or `None` for who is none.
pub(crate) fn home_key(
    connection: &Connection,
    account: &AccountId,
) -> Result<Option<VerifyKey>, Refusal> {
    let mut statement =
        connection.prepare_cached("SELECT home_key FROM guest WHERE account = ?1")?;
    let key = statement.query_row([account.as_bytes()], |row| {
        column::id(row, 0, VerifyKey::from_slice)
    });
    Ok(key.optional()?)
}

/// Whether an account is a guest.
pub(crate) fn is_one(connection: &Connection, account: &AccountId) -> Result<bool, Refusal> {
    Ok(home_key(connection, account)?.is_some())
}

/// How many other guests an invite has brought.
pub(crate) fn count_of_others(
    connection: &Connection,
    look: &Look,
    account: &AccountId,
) -> Result<usize, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM guest WHERE calendar = ?1 AND invite = ?2 AND account <> ?3",
    )?;
    let row = params![
        look.calendar.as_bytes(),
        look.invite.as_bytes(),
        account.as_bytes(),
    ];
    Ok(statement.query_row(row, |row| row.get(0))?)
}

/// Makes an account a guest by an invite that is open, or gives a guest another home.
pub(crate) fn put(
    connection: &Connection,
    account: &AccountId,
    home_key: &VerifyKey,
    look: &Look,
) -> Result<(), Refusal> {
    if account::used_bytes(connection, account)?.is_none() {
        account::create(connection, account)?;
    }
    connection.execute(
        "INSERT INTO guest (account, home_key, calendar, invite, until_ms)
         SELECT ?1, ?2, calendar, invite, expires_ms FROM calendar_invite
         WHERE calendar = ?3 AND invite = ?4
         ON CONFLICT (account) DO UPDATE SET home_key = excluded.home_key,
             calendar = excluded.calendar, invite = excluded.invite, until_ms = excluded.until_ms",
        params![
            account.as_bytes(),
            home_key.as_bytes(),
            look.calendar.as_bytes(),
            look.invite.as_bytes(),
        ],
    )?;
    Ok(())
}

/// A guest has registered: it is one no more.
pub(crate) fn registered(connection: &Connection, account: &AccountId) -> Result<(), Refusal> {
    connection.execute("DELETE FROM guest WHERE account = ?1", [account.as_bytes()])?;
    Ok(())
}

/// Whether a guest has any business here: it is a member, or the invite by which it came is open.
pub(crate) fn has_business(connection: &Connection, account: &AccountId) -> Result<bool, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM member WHERE account = ?1)
             OR EXISTS (SELECT 1 FROM guest WHERE account = ?1 AND until_ms > ?2)",
    )?;
    let row = params![account.as_bytes(), clock::now_ms()];
    Ok(statement.query_row(row, |row| row.get(0))?)
}

/// Rows of a guest that nobody needs, those that others refer to last.
const OF_GUEST: [&str; 6] = [
    "DELETE FROM acceptance WHERE account = ?1",
    "DELETE FROM guest WHERE account = ?1",
    "DELETE FROM former_device WHERE account = ?1",
    "DELETE FROM device WHERE account = ?1",
    "DELETE FROM account WHERE account = ?1",
    "DELETE FROM link WHERE log = ?1",
];

/// Forgets guests whose invite is over and who were never admitted. Gives whether there were any.
pub(crate) fn forget_over(connection: &Connection) -> Result<bool, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT account FROM guest WHERE until_ms <= ?1
         AND account NOT IN (SELECT account FROM member)
         AND account NOT IN (SELECT account FROM former_member)",
    )?;
    let over = statement
        .query_map([clock::now_ms()], |row| {
            column::id(row, 0, AccountId::from_slice)
        })?
        .collect::<Result<Vec<_>, _>>()?;
    for account in &over {
        for sql in OF_GUEST {
            connection.execute(sql, [account.as_bytes()])?;
        }
    }
    Ok(!over.is_empty())
}
