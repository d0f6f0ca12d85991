//! Cuts for who loses the right to write: where its lives end as far as they count now.

use std::collections::BTreeMap;

use super::{Counted, FrameNode};
use crate::chain::Author;
use crate::ids::{AccountId, CalendarId, DeviceId};
use crate::membership::{AccountCut, CalendarCut, cut_tag};
use crate::message::ChainHead;

/// Where the lives of an account's devices end now, as far as they count: what a link says that takes
/// the account's right to write, and takes nothing else away.
#[must_use]
pub fn calendar_cuts(
    counted: &Counted,
    frames: &[FrameNode],
    account: &AccountId,
) -> Vec<CalendarCut> {
    let of_account = frames.iter().filter(|frame| frame.account == *account);
    let cut = |(author, head): (Author, ChainHead)| CalendarCut {
        device: author.device,
        incarnation: author.incarnation,
        head,
    };
    ends(counted, of_account).into_iter().map(cut).collect()
}

/// Where the lives of a device end in this calendar, as far as they count: its part of the link that
/// revokes the device. The parts of all calendars are put together by [`sort_account_cuts`].
#[must_use]
pub fn account_cuts(
    calendar: &CalendarId,
    counted: &Counted,
    frames: &[FrameNode],
    device: &DeviceId,
) -> Vec<AccountCut> {
    let tag = cut_tag(calendar, device);
    let of_device = frames.iter().filter(|frame| frame.author.device == *device);
    let cut = |(author, head): (Author, ChainHead)| AccountCut {
        tag,
        incarnation: author.incarnation,
        head,
    };
    ends(counted, of_device).into_iter().map(cut).collect()
}

/// Cuts of several calendars in the order of a link.
pub fn sort_account_cuts(cuts: &mut [AccountCut]) {
    cuts.sort_by_key(|cut| (cut.tag, cut.incarnation));
}

fn ends<'a>(
    counted: &Counted,
    frames: impl Iterator<Item = &'a FrameNode>,
) -> BTreeMap<Author, ChainHead> {
    let mut ends: BTreeMap<Author, ChainHead> = BTreeMap::new();
    for frame in frames.filter(|frame| counted.base.contains(&frame.hash)) {
        let head = ChainHead {
            seq: frame.seq,
            hash: frame.hash,
        };
        let end = ends.entry(frame.author).or_insert(head);
        if head.seq > end.seq {
            *end = head;
        }
    }
    ends
}
