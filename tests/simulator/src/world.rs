//! One world: devices, relays, network and clocks on one thread, decided by one number.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::action::EventNumber;
use crate::around::Around;
use crate::device::{Device, Files, put_files};
use crate::ledger::{Head, Place, RelayLedger, Row};
use crate::model::Model;
use crate::relays::RelayPlace;
use crate::template::{CALENDAR, scratch, template};
use crate::weather::Weather;

/// Virtual time after which healed devices must agree: the longest silence before a dead
/// connection is noticed, the longest wait before the next attempt, and as much again.
pub(crate) const SETTLE_MAX: Duration = Duration::from_secs(300);
/// The last of the devices that are there from the beginning: it comes online only at the end.
pub(crate) const LATE: usize = crate::template::DEVICES - 1;

/// One world.
pub struct World {
    pub(crate) around: Rc<Around>,
    pub(crate) folder: TempDir,
    pub(crate) devices: Vec<Device>,
    pub(crate) lost: BTreeSet<usize>,
    pub(crate) relays: Vec<RelayPlace>,
    pub(crate) relay_saved: Option<Files>,
    pub(crate) is_wiped: bool,
    pub(crate) model: Model,
    pub(crate) events: BTreeMap<EventNumber, String>,
    pub(crate) calendars: BTreeMap<usize, String>,
    pub(crate) next_text: u64,
    pub(crate) actions: u64,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("model", &self.model).finish()
    }
}

impl World {
    /// The beginning of the world of a seed: four devices of one account, the last of them off,
    /// and a relay that runs.
    pub fn begin(seed: u64) -> Result<Self> {
        let template = template()?;
        let folder = scratch()?;
        let around = Around::enter(seed);
        let mut devices = Vec::new();
        for (number, (files, keychain)) in template.devices.iter().enumerate() {
            let place = folder.path().join(format!("device-{number}"));
            put_files(&place, files)?;
            devices.push(Device::new(place, &around, keychain.clone()));
        }
        let path = folder.path().join("relay.db");
        fs::write(&path, &template.relay)?;
        let mut relay = RelayPlace::new(0, path, &around);
        relay.start()?;
        Ok(Self {
            around,
            folder,
            devices,
            lost: BTreeSet::new(),
            relays: vec![relay],
            relay_saved: None,
            is_wiped: false,
            model: Model::default(),
            events: BTreeMap::new(),
            calendars: BTreeMap::new(),
            next_text: 0,
            actions: 0,
        })
    }

    /// What has happened so far, in numbers: actions of people and mishaps, messages, commits of
    /// relays.
    #[must_use]
    pub fn operations(&self) -> u64 {
        let commits: u64 = self.relays.iter().map(RelayPlace::commits).sum();
        self.actions + self.around.traffic().messages + commits
    }

    /// Envelopes that were handed to devices so far.
    #[must_use]
    pub fn envelopes(&self) -> u64 {
        self.around.traffic().envelopes
    }

    /// A digest of every message so far.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.around.traffic().digest()
    }

    /// Edits that must be seen everywhere in the end.
    #[must_use]
    pub fn owed(&self) -> usize {
        self.model.owed()
    }

    pub(crate) fn device(&mut self, number: usize) -> Result<&mut Device> {
        ensure!(!self.lost.contains(&number), "this device is lost");
        self.devices.get_mut(number).context("no such device")
    }

    /// Numbers of the devices that are still there.
    pub(crate) fn alive(&self) -> Vec<usize> {
        (0..self.devices.len())
            .filter(|number| !self.lost.contains(number))
            .collect()
    }

    pub(crate) fn relay(&mut self, number: usize) -> Result<&mut RelayPlace> {
        self.relays.get_mut(number).context("no such relay")
    }

    /// The calendar into which a device puts what is new.
    pub(crate) fn calendar_of(&self, device: usize) -> String {
        let own = self.calendars.get(&device);
        own.map_or_else(|| CALENDAR.to_owned(), Clone::clone)
    }

    /// A text that nobody has written yet.
    pub(crate) fn new_text(&mut self) -> String {
        self.next_text += 1;
        format!("{}-{}", crate::CANARY, self.next_text)
    }

    /// What each device that is left shows.
    pub(crate) fn shown(&mut self) -> Result<Vec<BTreeMap<String, Row>>> {
        self.alive()
            .into_iter()
            .map(|number| self.device(number)?.ledger()?.rows())
            .collect()
    }

    /// Takes note that a disk is about to go, and gives the frames it knows to be at the relay.
    pub(crate) fn sent_by(&mut self, number: usize) -> Result<BTreeSet<Place>> {
        let frames = self.device(number)?.ledger()?.frames()?;
        let sent = frames.into_iter().filter(|(_, (_, sent))| *sent == 2);
        Ok(sent.map(|(place, _)| place).collect())
    }

    /// The network is fine, the relay runs, everybody is online, and things are left alone until
    /// they agree.
    pub async fn heal(&mut self) -> Result<Duration> {
        for number in self.alive() {
            self.around
                .set_weather(number, |weather| *weather = Weather::default());
        }
        for relay in self.relays.iter_mut().skip(1) {
            relay.crash().await;
        }
        self.relay(0)?.start()?;
        self.relay(0)?.stays();
        self.around.cut_all();
        if self.is_wiped {
            self.join_again().await?;
        }
        for number in self.alive() {
            self.device(number)?.connect()?;
        }
        self.settle().await
    }

    /// Somebody sets the relay up anew with an invite.
    async fn join_again(&mut self) -> Result<()> {
        let invite = self.relay(0)?.invite()?;
        let first = self.alive().into_iter().next().context("nobody is left")?;
        let device = self.device(first)?;
        device.disconnect().await;
        let mut joined = device.join_relay(&invite).await?;
        if joined.is_err() {
            // A relay that falls meanwhile may have taken the invite: the same once more is harmless.
            joined = device.join_relay(&invite).await?;
        }
        joined.map_err(|error| anyhow::anyhow!("the wiped relay cannot be joined: {error}"))?;
        self.is_wiped = false;
        Ok(())
    }

    /// Waits until all devices agree and nothing waits.
    async fn settle(&mut self) -> Result<Duration> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(500);
        while began.elapsed() < SETTLE_MAX {
            sleep(pause).await;
            if self.is_settled()? {
                return Ok(began.elapsed());
            }
            pause = (pause * 2).min(Duration::from_secs(20));
        }
        Ok(began.elapsed())
    }

    /// Whether nothing waits, everything was read, and all devices hold the same.
    pub(crate) fn is_settled(&mut self) -> Result<bool> {
        let heads = self.relay_ledger()?.heads()?;
        let mut first = None;
        for number in self.alive() {
            let ledger = self.device(number)?.ledger()?;
            let cursors = ledger.cursors()?;
            let has_read = |(calendar, head): (&Vec<u8>, &Head)| {
                let at = cursors.get(calendar);
                at.is_some_and(|(rseq, hash, _)| (rseq, hash) == (&head.0, &head.1))
            };
            let is_busy = ledger.unsent()? + ledger.lost()? + ledger.untold()? > 0;
            if is_busy || !heads.iter().all(has_read) {
                return Ok(false);
            }
            let held = (ledger.common_frames()?, ledger.cuts()?);
            match &first {
                None => first = Some(held),
                Some(first) if *first != held => return Ok(false),
                Some(_) => {}
            }
        }
        Ok(true)
    }

    /// What the relay holds.
    pub(crate) fn relay_ledger(&self) -> Result<RelayLedger> {
        let relay = self.relays.first().context("no relay")?;
        RelayLedger::open(relay.path())
    }

    /// Ends the world.
    pub async fn end(mut self) {
        for device in &mut self.devices {
            device.close().await;
        }
        for relay in &mut self.relays {
            relay.crash().await;
        }
        Around::leave();
    }
}
