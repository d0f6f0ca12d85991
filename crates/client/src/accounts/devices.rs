//! The devices of the account, by the names their people gave them.

use almanac_protocol::ids::DeviceId;
use almanac_store::{Setting, Transaction};

use crate::client::{Client, Identity};
use crate::error::Result;
use crate::replica::{documents, logs};
use crate::view::DeviceView;

impl Client {
    /// The devices of the account, the most senior first.
    pub fn devices(&self) -> Result<Vec<DeviceView>> {
        let listed = self.read(|tx| list(tx, self.identity()))?;
        Ok(listed.into_iter().map(|(_, view)| view).collect())
    }

    /// The name of this device.
    pub fn device_name(&self) -> Result<String> {
        let name = self.read(|tx| Ok(tx.setting(Setting::DeviceName)?))?;
        Ok(String::from_utf8(name.unwrap_or_default()).unwrap_or_default())
    }

    /// Tells the account's other devices what this one is called.
    pub(crate) fn tell_device_name(&self, name: &str) -> Result<()> {
        let id = self.identity().device.to_string();
        self.write(|work| {
            work.tx().set(Setting::DeviceName, name.as_bytes())?;
            documents::edit_private(work, |private| {
                private.devices.entry(id).or_default().name = name.to_owned();
            })
        })
    }
}

/// The devices of the account, the most senior first.
pub(crate) fn list(
    tx: &Transaction<'_>,
    identity: &Identity,
) -> Result<Vec<(DeviceId, DeviceView)>> {
    let named = documents::private(tx, identity.private)?.devices;
    let log = logs::account(tx, identity)?;
    let view = |id: DeviceId| DeviceView {
        id: id.to_string(),
        name: named
            .get(&id.to_string())
            .map(|device| device.name.clone())
            .unwrap_or_default(),
        this: id == identity.device,
    };
    let devices = log.devices().iter();
    Ok(devices.map(|device| (device.id, view(device.id))).collect())
}
