//! A follower whose next envelopes are dropped while it reads.

use super::*;

#[test]
fn a_follower_that_dropping_has_overtaken_is_told() {
    let mut play = Play::proven();
    play.subscribe(0, 10);
    play.drain();
    play.answer(Answer::Dropped { head: at(10) });
    assert_eq!(play.drain(), ["unfollow", "reset 3"]);
    // It reads on after the pack.
    play.subscribe(10, 10);
    assert_eq!(play.drain(), ["follow", "subscribe?", "head 1"]);
    play.append(11);
    assert_eq!(play.drain(), ["live"]);
    // An answer to what nobody reads any more is dropped.
    play.answer(Answer::Dropped { head: at(10) });
    play.append(12);
    assert_eq!(play.drain(), ["live"]);
}

#[test]
fn who_subscribes_anew_is_not_overtaken_by_what_it_read_before() {
    let mut play = Play::proven();
    play.subscribe(0, 10);
    play.drain();
    // From 10 while the page after 0 is being read.
    play.subscribe(10, 10);
    play.answer(Answer::Dropped { head: at(10) });
    assert_eq!(play.drain(), ["follow", "subscribe?", "head 1", "read 10?"]);
    play.empty_page();
    play.append(11);
    assert_eq!(play.drain(), ["live"]);
}
