//! Programs are killed, disks are set back and copied.

use crate::holds;

#[test]
fn fault_01_a_crash_between_the_commit_and_the_push_loses_nothing() {
    holds("create 0 0\ncrash 0\ntoken 0 0\ncrash 0\nonline 0\nwait 900");
}

#[test]
fn fault_02_a_crash_between_the_push_and_its_answer_loses_nothing() {
    for ms in 1..12 {
        holds(&format!(
            "slow 0 6\nonline 0\nwait 900\ncreate 0 0\nwait {ms}\ncrash 0\nwait 900\ntoken 0 0\n\
             wait {ms}\ncrash 0\nwait 900"
        ));
    }
}

#[test]
fn fault_05_a_crash_at_any_moment_of_reading_leaves_cursor_and_data_together() {
    for ms in (0..60).step_by(4) {
        holds(&format!(
            "online 0\nmany 0 20\nwait 2000\nslow 1 9\nonline 1\nwait {ms}\ncrash 1\nwait 9\n\
             crash 1\nwait 31\ncrash 1\nwait 3000"
        ));
    }
}

#[test]
fn fault_11_a_device_restored_from_a_backup_goes_on_under_a_new_name() {
    holds(
        "online 0\nonline 1\ncreate 0 0\nwait 2000\nsave 0\ntoken 0 0\ncreate 0 1\nwait 2000\n\
         rollback 0\nwait 2000\ntoken 0 0\ncreate 0 2\nwait 2000",
    );
}

#[test]
fn fault_12_a_disk_that_was_copied_runs_twice_and_keeps_the_edits_of_both() {
    holds(
        "online 0\ncreate 0 0\nwait 2000\nsave 0\ntoken 0 0\nclone 0\nwait 40\ncreate 4 1\n\
         create 0 2\nwait 3000\ntoken 4 0\ntoken 0 0\nwait 3000",
    );
}

#[test]
fn fault_13_a_device_set_back_while_offline_keeps_what_it_wrote_afterwards() {
    holds(
        "online 0\nonline 1\ncreate 0 0\nwait 2000\nsave 0\ntoken 0 0\nwait 2000\noffline 0\n\
         rollback 0\ntoken 0 0\ncreate 0 1\nwait 50\nonline 0\nwait 3000",
    );
}
