//! The network loses, delays, doubles, reorders and pretends.

use crate::{holds, holds_for};

#[test]
fn fault_04_an_answer_that_is_lost_doubled_or_late_changes_nothing() {
    holds("online 0\nonline 1\nwait 900\nrelay-fall 1\ncreate 0 0\nwait 50\ntoken 0 0\nwait 9000");
    holds("online 0\nonline 1\nwait 900\ndouble 0 60\nswap 0 50\ncreate 0 0\ntoken 0 0\nwait 900");
}

#[test]
fn fault_06_a_connection_that_breaks_after_any_message_loses_nothing() {
    for messages in 0..28 {
        holds(&format!(
            "fuse 0 {messages}\nonline 0\nonline 1\ncreate 0 0\nwait 30\ntoken 0 0\ncreate 1 1\n\
             wait 700\nfine 0\nwait 1500"
        ));
    }
}

#[test]
fn fault_08_messages_doubled_reordered_and_late_change_nothing() {
    holds(
        "online 0\nonline 1\ncreate 0 0\nwait 500\ndouble 1 50\nswap 1 50\nlate 1 50\ntoken 0 0\n\
         wait 40\ncreate 0 1\nwait 40\ntoken 0 1\nwait 600000\ncreate 1 2\nwait 5000",
    );
}

#[test]
fn fault_09_a_connection_that_is_dead_without_saying_so_is_given_up() {
    for weather in ["silence", "wedge"] {
        holds(&format!(
            "online 0\nonline 1\ncreate 0 0\nwait 900\n{weather} 0\n{weather} 1\ntoken 0 0\n\
             token 1 0\ncreate 1 1\nwait 150000\nfine 0\nfine 1\nwait 70000"
        ));
    }
}

#[test]
fn fault_09_a_laptop_that_slept_goes_on() {
    holds("online 0\nonline 1\ncreate 0 0\nwait 900\nsilence 0\nwait 3600000\ntoken 0 0\nfine 0");
}

#[test]
fn fault_21_a_bit_that_flips_on_the_way_is_noticed_and_fetched_again() {
    holds(
        "online 0\nonline 1\nwait 900\nbend 1 30\ncreate 0 0\nwait 60\ntoken 0 0\nwait 60\n\
         create 0 1\nwait 60\ntoken 0 1\nwait 9000\nfine 1",
    );
}

#[test]
fn fault_21_what_is_said_of_a_stream_that_nobody_has_changes_nothing() {
    // One bit of its name flips where the relay says that it no longer stands where it stood.
    holds_for(
        [84_647],
        "online 1\nbend 1 6\nrelay-tail 1\nwait 1243\nfork 2\nwait 3730\nclone 0\n\
         fork 1\nwait 3730\ncreate 2 3",
    );
}

#[test]
fn fault_42_a_proxy_that_gathers_or_caps_messages_only_delays() {
    holds("gather 0 2500\ngather 1 900\nonline 0\nonline 1\ncreate 0 0\nwait 8000\ntoken 1 0");
    holds("cap 1 3000\nonline 0\nonline 1\nmany 0 30\nwait 8000\ncreate 1 1\nwait 9000");
}
