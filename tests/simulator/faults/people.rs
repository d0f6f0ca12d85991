//! What people do at the same time, on clocks that are wrong.

use crate::holds;

#[test]
fn fault_10_two_programs_on_one_profile_share_its_chain() {
    holds(
        "online 0\nwait 900\nbeside 0\nwait 300\ncreate 0 0\ncreate 4 1\nwait 30\ntoken 4 0\n\
         token 0 1\nwait 300\ntoken 4 1\ncreate 0 2\nwait 2000",
    );
}

#[test]
fn fault_19_no_step_needs_a_clock_that_is_right() {
    holds(
        "clock 0 3650\nclock 1 -3650\nonline 0\nonline 1\ncreate 0 0\nwait 900\ntoken 1 0\n\
         clock 0 -3650\npage 0 0\nwait 900\nclock 1 0\nmove 1 0\nrelay-crash\nwait 2000\n\
         calendar 1\ncreate 1 1\nwait 2000",
    );
}

#[test]
fn fault_29_what_arrives_before_its_key_waits_for_it() {
    for messages in 0..16 {
        holds(&format!(
            "online 0\nonline 1\nwait 900\nfuse 1 {messages}\ncalendar 1\ncreate 1 0\ntoken 1 0\n\
             wait 800\nfine 1\nwait 3000\ntoken 0 0"
        ));
    }
}

#[test]
fn fault_38_edits_of_one_event_apart_are_all_kept() {
    holds(
        "online 0\nonline 1\ncreate 0 0\nwait 2000\noffline 0\noffline 1\nmove 0 0\nmove 1 0\n\
         token 0 0\ntrash 1 0\ntitle 0 0\ntoken 2 0\nonline 0\nonline 1\nonline 2\nwait 3000\n\
         untrash 0 0\ntoken 1 0",
    );
}
