//! Several connections of one process on one disk, as a relay's writer and readers have them.

use std::time::Duration;

use almanac_disk::{Disk, Promise};
use rusqlite::Connection;

const ROWS: i64 = 200;

fn open(disk: &Disk) -> Connection {
    let connection = Connection::open(disk.path("shared.db")).unwrap();
    connection.busy_timeout(Duration::from_secs(30)).unwrap();
    connection
}

/// Two write one row after the other into two tables at once, and two look whether both tables always
/// say the same.
fn check(journal: &str) {
    let disk = Disk::new(Promise::None);
    open(&disk)
        .execute_batch(&format!(
            "PRAGMA journal_mode = {journal}; CREATE TABLE one (n); CREATE TABLE two (n);"
        ))
        .unwrap();
    let write = || {
        let mut connection = open(&disk);
        for n in 0..ROWS / 2 {
            let behavior = rusqlite::TransactionBehavior::Immediate;
            let transaction = connection.transaction_with_behavior(behavior).unwrap();
            transaction
                .execute("INSERT INTO one VALUES (?1)", [n])
                .unwrap();
            transaction
                .execute("INSERT INTO two VALUES (?1)", [n])
                .unwrap();
            transaction.commit().unwrap();
        }
    };
    let read = || {
        let connection = open(&disk);
        let mut seen = 0;
        while seen < ROWS {
            let query = "SELECT (SELECT count(*) FROM one), (SELECT count(*) FROM two)";
            let (one, two): (i64, i64) = connection
                .query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap();
            assert_eq!(one, two, "a transaction is seen whole");
            assert!(one >= seen, "and never goes away");
            seen = one;
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(write);
        scope.spawn(write);
        scope.spawn(read);
        scope.spawn(read);
    });
    let verdict: String = open(&disk)
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}

#[test]
fn connections_of_one_process_share_a_wal() {
    check("WAL");
}

#[test]
fn connections_of_one_process_share_a_rollback_journal() {
    check("DELETE");
}

#[test]
fn a_seed_makes_the_randomness_of_sqlite_the_same_again() {
    let draw = || {
        almanac_disk::seed_randomness(7);
        let disk = Disk::new(Promise::None);
        let numbers = "SELECT random(), random()";
        let drawn = open(&disk).query_row(numbers, [], |row| Ok((row.get(0)?, row.get(1)?)));
        drawn.unwrap()
    };
    let first: (i64, i64) = draw();
    assert_eq!(draw(), first);
}

#[test]
fn what_lies_on_the_disk_is_in_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new(Promise::None);
    disk.mount(folder.path());
    let path = folder.path().join("shared.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE one (n)")
        .unwrap();
    assert_eq!(
        std::fs::read(&path).unwrap(),
        b"",
        "only a name stands there"
    );
    assert_eq!(disk.names(), ["shared.db"]);
    drop(disk);
    let outside = Connection::open(folder.path().join("other.db")).unwrap();
    outside.execute_batch("CREATE TABLE one (n)").unwrap();
    assert!(folder.path().join("other.db").metadata().unwrap().len() > 0);
}
