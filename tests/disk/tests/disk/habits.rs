//! Short recordings that are about one habit of the database.

use std::rc::Rc;

use almanac_disk::{Disk, Promise};
use almanac_store::{DatabaseKey, Store};

use crate::database::{FILE, connect};
use crate::profile::Profile;
use crate::script::receive_page;
use crate::timeline::{Course, Timeline};

/// How much SQLite syncs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Synchronous {
    /// Every commit, as the store asks for.
    Full,
    /// Only before what is in the WAL goes into the database.
    Normal,
}

/// Rows written to the client's tables, each acknowledged, with one setting of SQLite's as asked.
pub(crate) fn plain_writes(synchronous: Synchronous) -> Course {
    let (profile, client) = Profile::create(Promise::None);
    drop(client);
    let key = profile.key();
    let connection = connect(&profile.disk, &key).unwrap();
    connection
        .pragma_update(None, "synchronous", format!("{synchronous:?}"))
        .unwrap();
    profile.disk.record();
    let mut course = Timeline::begin(&profile.disk);
    for number in 0..40_u32 {
        connection
            .execute(
                "INSERT INTO setting (key, value) VALUES (?1, zeroblob(900))",
                [format!("test {number}")],
            )
            .unwrap();
        course.acknowledge("a row");
    }
    course.course(&key)
}

/// Pages of the relay, stored one after the other.
pub(crate) fn receive_only() -> Course {
    let (profile, client) = Profile::create(Promise::None);
    drop(client);
    let key = profile.key();
    let mut store = open(&profile.disk, &key);
    profile.disk.record();
    let mut course = Timeline::begin(&profile.disk);
    for page in 0..12 {
        receive_page(&mut store, page * 4 + 1).unwrap();
        course.acknowledge("a page of the relay");
    }
    drop(store);
    course.acknowledge("closed");
    course.course(&key)
}

fn open(disk: &Rc<Disk>, key: &str) -> Store {
    let key: DatabaseKey = crate::database::store_key(key);
    Store::open(&disk.path(FILE), &key).unwrap()
}
