//! The largest calendar and the largest account still have links that fit.

use super::*;
use crate::ids::{CalendarId, CutTag, FrameHash, Incarnation};
use crate::limits::{DEVICES_MAX, LINK_BYTES_MAX, MEMBERS_MAX};
use crate::message::ChainHead;

const HEAD: ChainHead = ChainHead {
    seq: 1,
    hash: FrameHash::from_bytes([4; 32]),
};

fn numbered(number: usize) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
    bytes
}

#[test]
fn removing_one_of_a_thousand_fits_a_link_with_all_its_cuts() {
    let ada = account(1);
    let members = (0..MEMBERS_MAX).map(|number| Member {
        account: AccountId::from_bytes(numbered(number)),
        puk_generation: u32::MAX,
        role: Role::Editor,
    });
    let cuts = (0..DEVICES_MAX).map(|number| CalendarCut {
        device: DeviceId::from_bytes(numbered(number)),
        incarnation: Incarnation::from_bytes([1; 8]),
        head: HEAD,
    });
    let change = MemberChange {
        account: ada.id(),
        role: None,
        view: ada.view(),
        invite: None,
        cuts: cuts.collect(),
        rotation: Some(RotationSection {
            members: members.collect(),
            ..rotation(&ada, 2)
        }),
    };
    assert_eq!(
        MemberChange::parse(&change.to_bytes()).as_ref(),
        Ok(&change)
    );
    let link = calendar(&ada).change_member(&TestSigner::new(1), &ada, &change, 1);
    let size = link.unwrap().len();
    assert!(size <= LINK_BYTES_MAX, "{size}");
}

#[test]
fn revoking_one_of_a_hundred_fits_a_link_with_hundreds_of_cuts() {
    let ada = account(1);
    let devices = (0..=DEVICES_MAX).map(|number| DeviceId::from_bytes(numbered(number)));
    let cuts = (0..800).map(|number| {
        let calendar = CalendarId::from_bytes(numbered(number));
        let [tag @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = *calendar.as_bytes();
        AccountCut {
            tag: CutTag::from_bytes(tag),
            incarnation: Incarnation::from_bytes([1; 8]),
            head: HEAD,
        }
    });
    let revoke = Revoke {
        device: bundle(2).device_id(),
        reason: RevokeReason::Lost,
        cuts: cuts.collect(),
        rotation: puk_section(&ada, devices.collect()),
    };
    assert_eq!(Revoke::parse(&revoke.to_bytes()).as_ref(), Ok(&revoke));
    let link = ada.revoke(&TestSigner::new(1), &revoke, 1);
    let size = link.unwrap().len();
    assert!(size <= LINK_BYTES_MAX, "{size}");
}

#[test]
fn an_account_has_no_more_devices_than_its_links_can_name() {
    let mut log = account(1);
    let most = u8::try_from(DEVICES_MAX).unwrap();
    for seed in 2..=most {
        assert_eq!(log.append(&adding(&log, 1, seed)), Ok(Appended::New));
    }
    let one_more = adding(&log, 1, most + 1);
    assert_eq!(log.append(&one_more), Err(LinkError::TooMany(DEVICES_MAX)));
}
