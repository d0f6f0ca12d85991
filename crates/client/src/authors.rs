//! Who wrote a change: from the name under which a device writes to what its person calls it.
//!
//! A change names its author by sixteen bytes that belong to one device in one life and one
//! calendar ([`almanac_protocol::actor`]). They are computed anew for every device whose frames
//! are here, and compared.

use std::collections::BTreeMap;

use almanac_protocol::actor::actor;
use almanac_protocol::ids::{CalendarId, DeviceId};
use almanac_store::Transaction;

use crate::client::Identity;
use crate::error::Result;
use crate::replica::{documents, logs, profiles};
use crate::view::DeviceView;

/// The devices that wrote in one calendar, by the name they write under.
#[derive(Debug, Default)]
pub(crate) struct Authors {
    devices: BTreeMap<[u8; 16], DeviceView>,
}

impl Authors {
    /// Everyone whose frames in this calendar are here.
    pub(crate) fn of(
        tx: &Transaction<'_>,
        identity: &Identity,
        calendar: CalendarId,
    ) -> Result<Self> {
        let named = documents::private(tx, identity.private)?.devices;
        let (_, people) = logs::judged(tx, identity, calendar)?;
        let names = profiles::names(tx, calendar)?;
        // Devices of others go by how their person is called here.
        let called = |device: &DeviceId| {
            let (account, _) = people.device(device)?;
            names.get(&account.id()).cloned()
        };
        let mut devices = BTreeMap::new();
        for (device, incarnation) in tx.authors(calendar)? {
            let id = device.to_string();
            let view = DeviceView {
                name: named
                    .get(&id)
                    .map(|device| device.name.clone())
                    .or_else(|| called(&device))
                    .unwrap_or_default(),
                this: device == identity.device,
                id,
            };
            devices.insert(actor(&calendar, &device, &incarnation), view);
        }
        Ok(Self { devices })
    }

    /// Who writes under this name; none for an author of whom no frame is here.
    pub(crate) fn device(&self, actor: &[u8; 16]) -> Option<&DeviceView> {
        self.devices.get(actor)
    }
}
