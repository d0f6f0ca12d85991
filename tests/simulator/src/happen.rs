//! What each action does to a world.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "actions of one kind are told apart where they are done"
)]

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use almanac_client::{EditEvent, EventDetails};
use anyhow::{Context, Result};
use tokio::time::sleep;

use crate::action::{Action, DeviceNumber, EventNumber};
use crate::device::{Device, edit, event, put_files, when};
use crate::laws::Broken;
use crate::ledger::{Place, RelayLedger};
use crate::model::Value;
use crate::relays::RelayPlace;
use crate::weather::Weather;
use crate::world::World;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

impl World {
    /// Lets one thing happen. What cannot happen as things stand, such as editing an event that has
    /// not arrived yet, does not; an error is a broken law or a broken world.
    pub async fn happen(&mut self, action: &Action) -> Result<()> {
        self.actions += 1;
        let device = action_device(action);
        if device.is_some_and(|device| device >= self.devices.len() || self.lost.contains(&device))
        {
            return Ok(());
        }
        match *action {
            Action::Wait { ms } => sleep(Duration::from_millis(ms)).await,
            Action::Create { device, event } => self.create(device, event)?,
            Action::Token { device, event } => self.add_token(device, event)?,
            Action::Page { device, event } => self.set_page(device, event)?,
            Action::Move { device, event } => self.set_time(device, event)?,
            Action::Title { device, event } => self.set_title(device, event)?,
            Action::Trash { device, event } => {
                self.on_event(device, event, |client, id| client.remove(id).map(|_| ()))?;
            }
            Action::Untrash { device, event } => {
                self.on_event(device, event, |client, id| client.restore(id).map(|_| ()))?;
            }
            Action::Calendar { device } => self.add_calendar(device)?,
            Action::Many { device, events } => {
                for number in 0..events {
                    self.create(device, 1_000_000 * (self.actions + 1) + number)?;
                }
            }
            Action::Online { device } => self.device(device)?.connect()?,
            Action::Offline { device } => self.device(device)?.disconnect().await,
            Action::SyncOnce { device } => self.sync_once(device).await?,
            Action::Clock { device, days } => {
                self.model.is_another_day = true;
                self.around.set_clock(device, days * DAY_MS);
            }
            Action::Cut { device } => self.around.cut(device),
            Action::Crash { .. }
            | Action::Save { .. }
            | Action::Rollback { .. }
            | Action::Clone { .. }
            | Action::Forget { .. }
            | Action::Beside { .. }
            | Action::Lose { .. } => self.happen_to_disk(action).await?,
            Action::RelayCrash {}
            | Action::RelayFall { .. }
            | Action::RelayDown { .. }
            | Action::RelaySave {}
            | Action::RelayRollback {}
            | Action::RelayTail { .. }
            | Action::RelayWipe {}
            | Action::Fork { .. } => self.happen_to_relay(action).await?,
            _ => self.change_weather(action),
        }
        Ok(())
    }

    fn create(&mut self, device: DeviceNumber, number: EventNumber) -> Result<()> {
        if self.events.contains_key(&number) {
            return Ok(());
        }
        let (title, token) = (self.new_text(), self.new_text());
        let mut new = event(&self.calendar_of(device), &title, number);
        new.details.categories = Some(vec![token.clone()]);
        let before = self.device(device)?.ledger()?.waiting()?;
        let made = self.device(device)?.act(|client| client.create(new))?;
        let Some(id) = made.ok().and_then(|done| done.event) else {
            return Ok(());
        };
        self.events.insert(number, id.clone());
        let place = self.new_frame(device, &before)?;
        self.model.add_token(&id, token, place);
        let row = self.row(device, &id)?.context("a new event has no row")?;
        let known = BTreeSet::new();
        self.note_value(
            device,
            &id,
            known,
            |story, value| story.times.push(value),
            row.when,
        )
    }

    fn add_token(&mut self, device: DeviceNumber, number: EventNumber) -> Result<()> {
        let token = self.new_text();
        let Some(id) = self.events.get(&number).cloned() else {
            return Ok(());
        };
        let Some(row) = self.row(device, &id)? else {
            return Ok(());
        };
        let mut all: Vec<String> = row.tokens.into_iter().collect();
        all.push(token.clone());
        let details = EventDetails {
            categories: Some(all),
            ..EventDetails::default()
        };
        let change = EditEvent {
            details,
            ..edit(&id)
        };
        let before = self.device(device)?.ledger()?.waiting()?;
        if self
            .device(device)?
            .act(|client| client.edit(change))?
            .is_ok()
        {
            let place = self.new_frame(device, &before)?;
            self.model.add_token(&id, token, place);
        }
        Ok(())
    }

    fn set_page(&mut self, device: DeviceNumber, number: EventNumber) -> Result<()> {
        let url = format!("https://{}.example", self.new_text());
        let Some((id, known)) = self.before_edit(device, number)? else {
            return Ok(());
        };
        let details = EventDetails {
            url: Some(url.clone()),
            ..EventDetails::default()
        };
        let change = EditEvent {
            details,
            ..edit(&id)
        };
        if self
            .device(device)?
            .act(|client| client.edit(change))?
            .is_ok()
        {
            let seen = self.row(device, &id)?.map_or(url, |row| row.url);
            self.note_value(
                device,
                &id,
                known,
                |story, value| story.pages.push(value),
                seen,
            )?;
        }
        Ok(())
    }

    fn set_time(&mut self, device: DeviceNumber, number: EventNumber) -> Result<()> {
        self.next_text += 1;
        let at = when(self.next_text * 7);
        let Some((id, known)) = self.before_edit(device, number)? else {
            return Ok(());
        };
        let change = EditEvent {
            when: Some(at),
            ..edit(&id)
        };
        if self
            .device(device)?
            .act(|client| client.edit(change))?
            .is_ok()
            && let Some(row) = self.row(device, &id)?
        {
            self.note_value(
                device,
                &id,
                known,
                |story, value| story.times.push(value),
                row.when,
            )?;
        }
        Ok(())
    }

    fn set_title(&mut self, device: DeviceNumber, number: EventNumber) -> Result<()> {
        let title = self.new_text();
        self.on_event(device, number, |client, id| {
            let change = EditEvent {
                title: Some(title),
                ..edit(id)
            };
            client.edit(change).map(|_| ())
        })
    }

    fn on_event(
        &mut self,
        device: DeviceNumber,
        number: EventNumber,
        work: impl FnOnce(&almanac_client::Client, &str) -> almanac_client::Result<()>,
    ) -> Result<()> {
        let Some((id, _)) = self.before_edit(device, number)? else {
            return Ok(());
        };
        // A person may ask for what makes no sense any more, and is told so.
        let _ = self.device(device)?.act(|client| work(client, &id))?;
        Ok(())
    }

    /// The event's id and the changes of it that the device has, if it has any.
    fn before_edit(
        &mut self,
        device: DeviceNumber,
        number: EventNumber,
    ) -> Result<Option<(String, BTreeSet<Vec<u8>>)>> {
        let Some(id) = self.events.get(&number).cloned() else {
            return Ok(None);
        };
        let known = self.device(device)?.ledger()?.changes_of(&id)?;
        Ok((!known.is_empty()).then_some((id, known)))
    }

    /// Notes a value that was just written.
    fn note_value(
        &mut self,
        device: DeviceNumber,
        id: &str,
        known: BTreeSet<Vec<u8>>,
        put: impl FnOnce(&mut crate::model::Story, Value),
        text: String,
    ) -> Result<()> {
        let after = self.device(device)?.ledger()?.changes_of(id)?;
        let change = after.difference(&known).next().cloned();
        let story = self.model.events.entry(id.to_owned()).or_default();
        let value = Value {
            text,
            change,
            known,
        };
        put(story, value);
        Ok(())
    }

    /// The frame that was signed since these waited.
    fn new_frame(
        &mut self,
        device: DeviceNumber,
        before: &BTreeSet<Place>,
    ) -> Result<Option<Place>> {
        let after = self.device(device)?.ledger()?.waiting()?;
        Ok(after.difference(before).next().cloned())
    }

    fn row(&mut self, device: DeviceNumber, id: &str) -> Result<Option<crate::ledger::Row>> {
        self.device(device)?.ledger()?.row(id)
    }

    fn add_calendar(&mut self, device: DeviceNumber) -> Result<()> {
        let name = self.new_text();
        let made = self
            .device(device)?
            .act(|client| client.add_calendar(&name, None))?;
        if made.is_ok() {
            self.calendars.insert(device, name);
        }
        Ok(())
    }

    async fn sync_once(&mut self, number: DeviceNumber) -> Result<()> {
        let device = self.device(number)?;
        if !device.is_connected() {
            let limit = Duration::from_secs(120);
            // Where there is no relay to be reached this is an error, which a person reads.
            let _ = tokio::time::timeout(limit, device.sync_once()).await;
        }
        Ok(())
    }

    async fn happen_to_disk(&mut self, action: &Action) -> Result<()> {
        match *action {
            Action::Crash { device } => self.crash(device).await?,
            Action::Save { device } => {
                let device = self.device(device)?;
                device.client()?;
                device.saved = Some(device.files()?);
            }
            Action::Rollback { device } => self.roll_back(device).await?,
            Action::Clone { device } => self.clone_disk(device)?,
            Action::Forget { device, frames } => {
                let device = self.device(device)?;
                let was_online = device.is_connected();
                device.ledger()?.lose_newest(frames)?;
                device.crash().await?;
                if was_online {
                    device.connect()?;
                }
            }
            Action::Beside { device } => {
                let keychain = self.around.keychain(device);
                let folder = self.device(device)?.folder().to_owned();
                let mut second = Device::new(folder, &self.around, keychain);
                second.connect()?;
                self.devices.push(second);
            }
            Action::Lose { device } if self.alive().len() > 2 => {
                let sent = self.sent_by(device)?;
                self.device(device)?.close().await;
                self.lost.insert(device);
                let kept = self.shown()?;
                self.model.is_rewritten = true;
                self.model.disk_is_gone(&kept, &sent);
            }
            _ => {}
        }
        Ok(())
    }

    async fn crash(&mut self, number: DeviceNumber) -> Result<()> {
        let device = self.device(number)?;
        let before = device.ledger()?.changes()?;
        let was_online = device.is_connected();
        device.crash().await?;
        let after = device.ledger()?.changes()?;
        if before != after {
            let how = format!("device {number} lacks after a crash what it had before");
            return Err(Broken { law: "L1", how }.into());
        }
        if was_online {
            device.connect()?;
        }
        self.check_cursor(number)
    }

    async fn roll_back(&mut self, number: DeviceNumber) -> Result<()> {
        let sent = self.sent_by(number)?;
        let device = self.device(number)?;
        let Some(saved) = device.saved.clone() else {
            return Ok(());
        };
        let was_online = device.is_connected();
        device.close().await;
        device.put_files(&saved)?;
        if was_online {
            device.connect()?;
        }
        self.model.is_rewritten = true;
        self.model.is_harmed = true;
        let kept = self.shown()?;
        self.model.disk_is_gone(&kept, &sent);
        Ok(())
    }

    fn clone_disk(&mut self, number: DeviceNumber) -> Result<()> {
        let keychain = self.around.keychain(number);
        let copy = self
            .folder
            .path()
            .join(format!("device-{}", self.devices.len()));
        let device = self.device(number)?;
        device.client()?;
        let files = match &device.saved {
            Some(saved) => saved.clone(),
            None => device.files()?,
        };
        put_files(&copy, &files)?;
        let mut twin = Device::new(copy, &self.around, keychain);
        twin.connect()?;
        self.devices.push(twin);
        self.model.is_rewritten = true;
        self.model.is_harmed = true;
        Ok(())
    }

    async fn happen_to_relay(&mut self, action: &Action) -> Result<()> {
        match *action {
            Action::RelayFall { moment } => self.relay(0)?.fall(moment),
            Action::RelayDown { ms } => {
                self.relay(0)?.crash().await;
                sleep(Duration::from_millis(ms)).await;
            }
            Action::RelaySave {} => {
                let relay = self.relay(0)?;
                relay.crash().await;
                let bytes = fs::read(relay.path())?;
                self.relay_saved = Some(vec![("relay.db".to_owned(), bytes)]);
            }
            Action::RelayRollback {} => {
                if let Some([(_, bytes)]) = self.relay_saved.clone().as_deref() {
                    let relay = self.relay(0)?;
                    relay.crash().await;
                    relay.erase();
                    fs::write(relay.path(), bytes)?;
                    self.relay_lost()?;
                }
            }
            Action::RelayTail { envelopes } => {
                let relay = self.relay(0)?;
                relay.crash().await;
                RelayLedger::open(relay.path())?.lose_tail(envelopes)?;
                self.relay_lost()?;
            }
            Action::RelayWipe {} => {
                let relay = self.relay(0)?;
                relay.crash().await;
                relay.erase();
                self.is_wiped = true;
                self.relay_saved = None;
                self.relay_lost()?;
            }
            Action::Fork { device } => {
                self.model.is_forked = true;
                self.fork(device).await?;
            }
            _ => self.relay(0)?.crash().await,
        }
        self.relay(0)?.start()
    }

    /// What only the relay had is owed no longer.
    fn relay_lost(&mut self) -> Result<()> {
        self.model.is_relay_lossy = true;
        let kept = self.shown()?;
        self.model.disk_is_gone(&kept, &BTreeSet::new());
        Ok(())
    }

    async fn fork(&mut self, device: DeviceNumber) -> Result<()> {
        if self.relays.len() == 1 {
            let relay = self.relay(0)?;
            relay.crash().await;
            let copy = self.folder.path().join("relay-forked.db");
            fs::copy(self.relay(0)?.path(), &copy)?;
            let mut forked = RelayPlace::new(1, copy, &self.around);
            forked.start()?;
            self.relays.push(forked);
            self.relay(0)?.start()?;
        }
        self.model.is_relay_lossy = true;
        self.around.set_weather(device, |weather| weather.relay = 1);
        self.around.cut(device);
        Ok(())
    }

    fn change_weather(&mut self, action: &Action) {
        let Some(device) = action_device(action) else {
            return;
        };
        let bends = matches!(action, Action::Bend { .. });
        self.model.is_harmed |= bends;
        self.around.set_weather(device, |weather| match *action {
            Action::Fuse { messages, .. } => weather.fuse = Some(messages),
            Action::Silence { .. } => weather.is_silent = true,
            Action::Wedge { .. } => weather.is_wedged = true,
            Action::Unreachable { .. } => weather.reachable = false,
            Action::Slow { ms, .. } => weather.delay_ms = (0, ms),
            Action::Gather { ms, .. } => weather.gathers_ms = ms,
            Action::Double { percent, .. } => weather.doubled = percent,
            Action::Swap { percent, .. } => weather.swapped = percent,
            Action::Bend { percent, .. } => weather.bent = percent,
            Action::Late { percent, .. } => weather.late = percent,
            Action::Cap { bytes, .. } => {
                weather.bytes_max = usize::try_from(bytes).unwrap_or(usize::MAX);
            }
            _ => {
                *weather = Weather {
                    relay: weather.relay,
                    ..Weather::default()
                };
            }
        });
        if matches!(action, Action::Unreachable { .. }) {
            self.around.cut(device);
        }
    }
}

/// To which device an action happens.
fn action_device(action: &Action) -> Option<DeviceNumber> {
    let text = action.to_string();
    let mut words = text.split_whitespace();
    let word = words.next()?;
    let is_elsewhere = word == "wait" || word.starts_with("relay-");
    words
        .next()
        .filter(|_| !is_elsewhere)
        .and_then(|device| device.parse().ok())
}
