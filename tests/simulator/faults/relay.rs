//! The relay falls, forgets, is set back and is set up anew.

use crate::{holds, holds_in};

#[test]
fn fault_03_a_relay_that_falls_before_or_after_its_commit_loses_nothing() {
    for moment in 0..=1 {
        holds(&format!(
            "online 0\nonline 1\nwait 900\nrelay-fall {moment}\ncreate 0 0\nwait 20\ntoken 0 0\n\
             wait 5\nrelay-fall {moment}\ncreate 1 1\nwait 3000\nrelay-crash\nwait 2000"
        ));
    }
}

#[test]
fn fault_07_a_stream_that_ends_at_the_edge_of_a_page_is_read_whole() {
    for envelopes in [0, 1, 253, 254, 255, 256, 257, 511] {
        let script = format!(
            "online 0\nwait 900\ncreate 0 0\nmany 0 {envelopes}\nwait 9000\nonline 1\nwait 9000"
        );
        holds_in(1, &script);
    }
}

#[test]
fn fault_14_a_relay_that_lost_everything_is_filled_again() {
    holds(
        "online 0\nonline 1\ncreate 0 0\ncreate 1 1\ncalendar 2\ncreate 2 2\nonline 2\nwait 2000\n\
         relay-wipe\ntoken 0 1\nwait 3000",
    );
}

#[test]
fn fault_15_a_relay_restored_from_a_backup_is_brought_up_to_date() {
    holds(
        "online 0\nonline 1\ncreate 0 0\nwait 2000\nrelay-save\ntoken 1 0\ncreate 1 1\nwait 2000\n\
         relay-rollback\ntoken 0 0\nwait 9000",
    );
}

#[test]
fn fault_16_a_relay_that_lost_its_newest_envelopes_gets_them_again() {
    for envelopes in 1..4 {
        holds(&format!(
            "online 0\nonline 1\ncreate 0 0\nwait 900\ntoken 1 0\nwait 900\ncreate 0 1\nwait 9000\n\
             relay-tail {envelopes}\nwait 3000\ntoken 1 1\nwait 900"
        ));
    }
}

#[test]
fn fault_25_keys_that_only_the_other_history_has_are_offered_again() {
    for wait in [4, 10] {
        holds_in(
            12,
            &format!(
                "online 1\nwait 1500\ncalendar 1\nwait {wait}\nfork 1\nwait 3000\ncreate 1 0\n\
                 wait 900"
            ),
        );
    }
}
