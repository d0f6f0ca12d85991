//! A device or kit that counts no more is shown out.

use super::*;
use crate::message::{LinkPut, Ping};

#[test]
fn a_revoked_device_is_shown_out() {
    let mut play = Play::following();
    play.grow(ACCOUNT.into());
    assert_eq!(play.drain(), ["recheck?", "log grew", "read 0?"]);
    play.answer(Answer::Rechecked { is_active: false });
    assert_eq!(play.drain(), ["bye Forbidden", "close"]);
    play.append(1);
    play.page(1, 10);
    assert_eq!(play.drain(), Vec::<String>::new());
}

#[test]
fn whoever_takes_itself_out_hears_that_it_was_taken_before_it_goes() {
    let mut play = Play::following();
    play.hear(LinkPut {
        request: 7,
        log: ACCOUNT.into(),
        head: None,
        link: ByteVec::from(vec![1]),
    });
    play.drain();
    play.grow(ACCOUNT.into());
    play.drain();
    play.answer(Answer::Rechecked { is_active: false });
    assert_eq!(play.drain(), Vec::<String>::new());
    assert!(!play.session.is_ready_to_read());
    let taken = Message::from(Ping { token: 7 });
    play.answer(Answer::Served {
        ticket: 1,
        packets: vec![Packet::from(taken)],
    });
    assert_eq!(play.drain(), ["ping", "bye Forbidden", "close"]);
}
