//! What one acknowledged edit asks of the disk.

use almanac_disk::{Counts, Promise};

use crate::profile::{Profile, event};

/// What the disk was asked for between two looks.
fn since(before: Counts, after: Counts) -> Counts {
    Counts {
        reads: after.reads - before.reads,
        writes: after.writes - before.writes,
        bytes_written: after.bytes_written - before.bytes_written,
        syncs: after.syncs - before.syncs,
        folder_syncs: after.folder_syncs - before.folder_syncs,
    }
}

#[test]
fn an_edit_is_acknowledged_after_one_sync() {
    let (profile, client) = Profile::create(Promise::PowersafeOverwrite);
    client.create(event("before", "2026-11-23T08:00")).unwrap();
    for number in 0..5 {
        let before = profile.disk.counts();
        client
            .create(event(&format!("edit {number}"), "2026-11-23T09:00"))
            .unwrap();
        let cost = since(before, profile.disk.counts());
        println!("one edit costs {cost:?}");
        assert_eq!(
            (cost.syncs, cost.folder_syncs),
            (1, 0),
            "one commit, one sync"
        );
    }
}
