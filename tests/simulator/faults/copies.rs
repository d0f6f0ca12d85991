//! Programs are killed, disks are set back and copied.

use almanac_simulator::{read_script, run};

use crate::{holds, holds_for};

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

#[test]
fn fault_27_of_two_frames_under_one_number_that_others_built_upon_one_counts_everywhere() {
    holds(
        "online 0\nonline 1\nonline 2\ncreate 0 1\nwait 3000\nclone 0\nwait 3000\nfork 0\nfork 1\n\
         wait 3000\ntoken 0 1\ntoken 4 1\nwait 3000\ntoken 1 1\ntoken 2 1\nwait 3000\nfine 0\n\
         fine 1\nwait 3000",
    );
}

#[test]
fn fault_27_what_others_built_on_a_later_frame_of_a_cut_life_is_not_lost() {
    holds(
        "online 0\nonline 1\nonline 2\ncreate 0 1\nwait 3000\nclone 0\nwait 3000\nfork 0\nfork 1\n\
         wait 3000\ntoken 0 1\ntoken 4 1\nwait 900\ntoken 0 1\ntoken 4 1\nwait 900\ntoken 0 1\n\
         token 4 1\nwait 3000\ntoken 1 1\ntoken 2 1\nwait 3000",
    );
}

#[test]
fn fault_27_what_was_written_upon_a_cut_frame_is_not_lost_when_the_writer_turns_out_to_be_copied() {
    // Device 0 comes back to the first relay, where its second copy has used its number: in one
    // page it reads the frame it was cut for and the one for which its last edit has to move.
    holds(
        "online 0\nonline 1\nonline 2\ncreate 1 0\nwait 3000\nclone 0\nwait 3000\nfork 0\n\
         wait 3000\ntoken 0 0\ntoken 4 0\nwait 3000\ntoken 2 0\nfork 2\nwait 3000\nclone 0\n\
         wait 3000\ntoken 0 0",
    );
}

#[test]
fn fault_27_a_frame_that_is_only_spoken_of_cuts_nobody() {
    // Two copies of a device; one says in a new calendar what it has written there in its old life, and
    // then finds that the other one was there first.
    holds_for(
        [8, 20, 23, 26, 35, 36],
        "online 0\nonline 2\nwait 1944\nrelay-wipe\nclone 0\nwait 5018\nwait 5018\nwait 11\n\
         wait 1\nwait 1334\nclone 1\nclone 0\ncalendar 6\ncreate 0 0\nwait 900",
    );
}

#[test]
fn fault_27_what_waits_since_another_history_is_put_back_where_its_number_is_taken() {
    // In one history a device read the second of two frames without the first. In the other one a copy
    // of their author has both numbers, and the author has taken them back: nobody else has it.
    holds_for(
        [34_307],
        "online 2\nonline 0\nonline 1\nclone 2\nfork 2\nclone 0\nwait 3200\nfork 0\nfork 1\n\
         wait 3200\nwait 3200\nbend 1 9\ncreate 2 0\nwait 43025\nsilence 2\nwait 3552\n\
         token 1 0\ntoken 0 0\nwait 1\nmove 0 0\nwait 17\nmany 5 11",
    );
}

#[test]
fn fault_27_an_edit_that_comes_before_what_it_rests_upon_is_not_lost_with_its_number() {
    // Its author was set back, and has it from others in front of the frame it was written upon.
    holds_for(
        [34_839],
        "fork 0\ncreate 0 1\nonline 1\nonline 0\nfork 1\nwait 1207\nsave 1\nfuse 1 7\n\
         clone 0\nfork 1\ntoken 0 1\nwait 2388\ntoken 1 1\nwait 2388\nrollback 1",
    );
}

#[test]
fn fault_27_an_edit_behind_a_contested_one_is_not_lost_when_its_author_was_set_back() {
    holds_for(
        [39_506],
        "create 0 0\nsave 1\nonline 1\nonline 2\nonline 0\nclone 1\nwait 1295\nfork 1\n\
         fork 2\ntoken 1 0\ntoken 1 0\nwait 795\ntoken 4 0\ncreate 1 1\nwait 12\nrollback 1",
    );
}

#[test]
fn fault_27_a_frame_that_comes_before_the_one_it_builds_on_cuts_nobody() {
    // A copy's next frame comes first; what the device has written in the place before it moves, and
    // nobody has two frames under that number any more.
    holds_for(
        [51_212],
        "online 0\nonline 1\nonline 2\ncreate 2 0\npage 0 0\ntrash 1 0\npage 0 0\nwait 7\n\
         clone 2\nwait 17\nmove 2 0\nrelay-fall 0\nmove 4 0\nwait 16\nrelay-fall 1\n\
         relay-crash\nrelay-down 16734\ncrash 1\nmove 0 0\nwait 19\nclone 1\nwait 65504",
    );
}

#[test]
fn who_hears_last_of_two_frames_under_one_number_reads_once_more_and_then_is_silent() {
    holds_for(
        [99_731],
        "online 1\nonline 2\nrelay-fall 0\ncreate 0 0\nwait 1282\ncreate 2 1\nwait 456\n\
         clone 0\nrelay-fall 1\ncreate 0 2\ncalendar 4\nwait 572\ncreate 0 3\n\
         relay-wipe\nwait 1440",
    );
}

#[test]
fn a_gap_is_filled_by_reading_what_came_lately_and_not_the_whole_stream() {
    let mut many = String::from("online 0\nonline 1\nwait 900\n");
    for event in 0..120 {
        many += &format!("create 0 {event}\nwait 40\n");
    }
    let envelopes = |forgets: &str| {
        let script =
            format!("{many}wait 2000\noffline 1\n{forgets}online 1\ncreate 0 500\nwait 3000");
        run(1, &read_script(&script).unwrap()).unwrap().envelopes
    };
    let without = envelopes("");
    for frames in [1, 5, 20] {
        let with = envelopes(&format!("forget 1 {frames}\n"));
        let more = with - without;
        assert!(
            (1..=32).contains(&more),
            "{more} more envelopes for {frames}"
        );
    }
    let with = envelopes("forget 1 50\n");
    assert!(
        (1..=32 + 64).contains(&(with - without)),
        "{with} and {without}"
    );
}
