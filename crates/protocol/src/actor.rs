//! The Automerge actor of a device: bound to the calendar, the device and its incarnation, so that
//! a change can only be made in the name of the device that signs it.

use crate::ids::{CalendarId, DeviceId, Incarnation};
use crate::label::{Context, hash};

/// The sixteen bytes of the actor.
#[must_use]
pub fn actor(calendar: &CalendarId, device: &DeviceId, incarnation: &Incarnation) -> [u8; 16] {
    let parts: [&[u8]; 3] = [
        calendar.as_bytes(),
        device.as_bytes(),
        incarnation.as_bytes(),
    ];
    let [bytes @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
        hash(Context::AUTOMERGE_ACTOR, &parts);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_calendar_device_or_incarnation_is_another_actor() {
        let (calendar, device) = (
            CalendarId::from_bytes([1; 32]),
            DeviceId::from_bytes([2; 32]),
        );
        let life = Incarnation::from_bytes([3; 8]);
        let one = actor(&calendar, &device, &life);
        assert_ne!(one, actor(&CalendarId::from_bytes([9; 32]), &device, &life));
        assert_ne!(one, actor(&calendar, &DeviceId::from_bytes([9; 32]), &life));
        assert_ne!(
            one,
            actor(&calendar, &device, &Incarnation::from_bytes([9; 8]))
        );
    }
}
