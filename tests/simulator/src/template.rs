//! What every world begins with: one account with linked devices and a relay that knows them.
//!
//! Made once for a process, by the code that ships: profiles, registration, linking by typed
//! digits, first sync. Worlds begin with copies of its files.

use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;

use almanac_client::{Client, Linking, Unlock, link_device};
use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use tokio::time::timeout;

use crate::around::{Around, Keychain};
use crate::device::{Device, Files};
use crate::relays::RelayPlace;
use crate::{ORIGIN, runtime};

/// Devices of the account.
pub const DEVICES: usize = 4;
/// The calendar that everything happens in at first.
pub(crate) const CALENDAR: &str = "Personal";
/// The seed of what all worlds share.
const SEED: u64 = 0;

/// Virtual time that making them may take: far more than it does.
const MAKING_MAX: Duration = Duration::from_secs(120);

/// The beginning of every world.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) devices: Vec<(Files, Keychain)>,
    pub(crate) relay: Vec<u8>,
}

/// The beginning of every world, made at the first call.
pub(crate) fn template() -> Result<&'static Template> {
    static MADE: OnceLock<std::result::Result<Template, String>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        // On a thread of its own, whose surroundings are nobody else's.
        let making = std::thread::spawn(|| make().map_err(|error| format!("{error:#}")));
        making
            .join()
            .unwrap_or_else(|_| Err("making the first devices panicked".to_owned()))
    });
    made.as_ref()
        .map_err(|error| anyhow::anyhow!("the first devices cannot be made: {error}"))
}

fn make() -> Result<Template> {
    let folder = scratch()?;
    let runtime = runtime()?;
    let local = LocalSet::new();
    let making = async { timeout(MAKING_MAX, build(folder.path())).await };
    let made = runtime.block_on(local.run_until(making));
    Around::leave();
    made.context("the first devices do not get through to the relay")?
}

/// A folder for one world, in memory where the system has room for it there.
pub(crate) fn scratch() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() {
        tempfile::tempdir_in(memory)?
    } else {
        tempfile::tempdir()?
    })
}

async fn build(folder: &Path) -> Result<Template> {
    let around = Around::enter(SEED);
    let mut relay = RelayPlace::new(0, folder.join("relay.db"), &around);
    relay.start()?;
    let invite = relay.invite()?;
    let mut devices = Vec::new();
    for number in 0..DEVICES {
        let place = folder.join(format!("device-{number}"));
        devices.push(Device::new(place, &around, Keychain::new()));
    }
    let (first, others) = devices.split_first_mut().context("no devices")?;
    let created = around.at(0, || {
        Client::create_profile(first.folder(), "Ada's laptop", &Unlock::Keychain)
    });
    first.adopt(created.map_err(anyhow::Error::msg)?);
    first
        .join_relay(&invite)
        .await?
        .map_err(anyhow::Error::msg)?;
    for other in others.iter_mut() {
        link(&around, first, other).await?;
    }
    for _ in 0..2 {
        for device in &mut devices {
            device.sync_once().await?.map_err(anyhow::Error::msg)?;
        }
    }
    let mut held = Vec::new();
    for device in &mut devices {
        device.close().await;
        held.push((device.files()?, around.keychain(device.number)));
    }
    relay.crash().await;
    Ok(Template {
        devices: held,
        relay: fs::read(relay.path())?,
    })
}

/// Links a new device to an old one, as two people at two devices would.
async fn link(around: &Rc<Around>, old: &mut Device, new: &mut Device) -> Result<()> {
    let client = old.client()?;
    let opening = around.during(old.number, async move { client.open_linking().await });
    let linking: Linking = opening.await.map_err(anyhow::Error::msg)?;
    let routing = linking.routing();
    let (show, shown) = oneshot::channel::<String>();
    let adding = around.during(old.number, async move {
        let confirming = linking.joined().await?;
        let typed = async move { Ok(shown.await.unwrap_or_default()) };
        confirming.confirm(typed).await
    });
    let folder = new.folder().to_owned();
    let name = format!("device {}", new.number);
    let joining = around.during(new.number, async move {
        let show = |digits: &str| {
            // Whoever types has gone only when linking was given up.
            let _ = show.send(digits.to_owned());
        };
        link_device(&folder, ORIGIN, &routing, &name, &Unlock::Keychain, show).await
    });
    let (added, joined) = tokio::join!(adding, joining);
    added.map_err(anyhow::Error::msg)?;
    new.adopt(joined.map_err(anyhow::Error::msg)?);
    Ok(())
}
