//! Linking a new device: the old side adds it, the new side becomes a profile.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events that are not awaited all go the same way"
)]

use std::future::Future;
use std::path::Path;

use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::pairing::{
    AccountBundle, AddedDevice, NewDevice, OldDevice, OldDeviceAsked, PairingError, PairingResult,
};
use almanac_crypto::seal::{open_puk_box, seal_puk_box};
use almanac_protocol::codes::RoutingCode;
use almanac_protocol::ids::LogId;
use almanac_protocol::membership::{AccountLog, CalendarLog, CalendarPurpose};
use almanac_protocol::message::Reason;
use almanac_protocol::session::client::Event;
use almanac_store::Setting;

use crate::accounts::create::{check_name, enter};
use crate::accounts::recovery;
use crate::accounts::recovery::connection::{answered, pass_factor};
use crate::accounts::request::{self, boxes, done, links};
use crate::client::Client;
use crate::clock;
use crate::contacts::ContactReason;
use crate::entropy::SystemEntropy;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::recorder::Recorder;
use crate::profile::{self, Profile, Unlock};
use crate::replica::membership::{self, Grown};
use crate::replica::{keys, logs};
use crate::sync::{Connection, Proof, RelayAddress, end_of, handshake, prove};

/// A device that waits for a new one.
#[derive(Debug)]
pub struct Linking {
    client: Client,
    connection: Connection,
    routing: RoutingCode,
}

/// A new device has shown its keys; its digits have to be typed here.
#[derive(Debug)]
pub struct Confirming {
    client: Client,
    connection: Connection,
    routing: RoutingCode,
    asked: OldDeviceAsked,
}

impl Client {
    /// Opens a routing code under which a new device can reach this one for five minutes.
    pub async fn open_linking(&self) -> Result<Linking> {
        let relay = self.relay()?;
        // The new device builds on the account's log: the relay must have all of it.
        self.sync_own().await?;
        let identity = self.identity();
        let mut connection = self.connect(&relay, ContactReason::Link).await?;
        prove(&mut connection, &identity.keys, &Proof::Known).await?;
        connection.session.open_pairing();
        loop {
            match connection.next_event().await? {
                Event::PairingOpened { routing } => {
                    let routing = routing.parse().map_err(|_| stopped())?;
                    return Ok(Linking {
                        client: self.clone(),
                        connection,
                        routing,
                    });
                }
                Event::Nacked(nack) => return Err(handshake::refused(nack.reason)),
                event => end_of(&event)?,
            }
        }
    }
}

impl Linking {
    /// What to type on the new device, `XXXX-XXXX`.
    #[must_use]
    pub fn routing(&self) -> String {
        self.routing.to_string()
    }

    /// Waits for the new device to show its keys.
    pub async fn joined(mut self) -> Result<Confirming> {
        let identity = self.client.identity();
        let view = self
            .client
            .read(|tx| logs::view(tx, identity.account.into()))?;
        let bundle = AccountBundle {
            account: identity.account,
            device: identity.device,
            view,
            origin: self.connection.caller.origin.clone(),
        };
        let waiting = OldDevice::new(bundle, self.routing);
        let step = next_step(&mut self.connection).await?;
        let (revealed, answer) = waiting.reveal(&mut SystemEntropy, &step).map_err(failed)?;
        self.connection
            .session
            .send_pairing(&text(self.routing), answer);
        let step = next_step(&mut self.connection).await?;
        let asked = revealed.ask(&step).map_err(failed)?;
        let Self {
            client,
            connection,
            routing,
        } = self;
        Ok(Confirming {
            client,
            connection,
            routing,
            asked,
        })
    }
}

impl Confirming {
    /// Adds the device if the digits are those it shows. There is one attempt; the connection is
    /// kept alive while the person types.
    pub async fn confirm(self, digits: impl Future<Output = Result<String>>) -> Result<()> {
        let nothing = async { Ok(None) };
        self.confirm_with_code(digits, nothing).await
    }

    /// The same, with a code of the account's second factor: it is shown to the relay after the digits
    /// turned out right, and before the device is added.
    pub async fn confirm_with_code(
        mut self,
        digits: impl Future<Output = Result<String>>,
        code: impl Future<Output = Result<Option<String>>>,
    ) -> Result<()> {
        let digits = typed(&mut self.connection, digits).await?;
        let result = match self.asked.confirm(&digits) {
            Ok(added) => match typed(&mut self.connection, code).await {
                Ok(code) => add(&self.client, &mut self.connection, &added, code).await,
                Err(error) => Err(error),
            },
            Err(error) => Err(failed(error)),
        };
        let answer = match &result {
            Ok(()) => PairingResult::Added,
            Err(error) if error.code == ErrorCode::LinkingFailed => PairingResult::WrongDigits,
            Err(_) => PairingResult::Stopped,
        };
        self.connection
            .session
            .send_pairing(&text(self.routing), answer.to_step());
        self.connection.close().await;
        self.client.announce_status();
        result
    }
}

/// What a person types, while the connection is kept alive.
async fn typed<T>(
    connection: &mut Connection,
    typing: impl Future<Output = Result<T>>,
) -> Result<T> {
    let mut typing = std::pin::pin!(typing);
    loop {
        tokio::select! {
            biased;
            typed = &mut typing => return typed,
            event = connection.next_event() => match event? {
                Event::PairingStep { .. } => return Err(stopped()),
                event => end_of(&event)?,
            },
        }
    }
}

/// Makes a profile in `folder` as a new device of the account that waits under `routing`.
/// `show` is given the nine digits to type there.
pub async fn link_device(
    folder: &Path,
    url: &str,
    routing: &str,
    name: &str,
    unlock: &Unlock,
    show: impl FnOnce(&str),
) -> Result<Client> {
    let client = join_account(folder, url, routing, name, unlock, show).await?;
    // The device is linked whether or not this first sync gets through.
    if let Err(error) = client.sync_own().await {
        tracing::info!(code = ?error.code, "link.first_sync_failed");
    }
    Ok(client)
}

/// The same, without fetching what the calendars hold: for whoever shows them as they fill.
pub async fn join_account(
    folder: &Path,
    url: &str,
    routing: &str,
    name: &str,
    unlock: &Unlock,
    show: impl FnOnce(&str),
) -> Result<Client> {
    check_name(name)?;
    let relay = RelayAddress::parse(url)?;
    let routing: RoutingCode = routing.parse().map_err(|error| {
        Error::invalid(format!(
            "This is not the code that the other device shows: {error}. It looks like ABCD-EFGH."
        ))
    })?;
    let fresh = profile::create(folder, unlock)?;
    let (keys, account, recorder) = join(&relay, routing, show).await?;
    let begun = Begun {
        keys,
        account,
        recorder,
    };
    move_in(fresh, &relay, begun, name).await
}

/// A device that its account's log names, and that has no profile yet.
pub(crate) struct Begun {
    pub(crate) keys: DeviceKeys,
    /// What it was told of its account, and what the relay's word is held against.
    pub(crate) account: AccountBundle,
    /// What went over the connection by which it came in.
    pub(crate) recorder: Recorder,
}

/// Makes the profile of a device that has just become part of an account.
pub(crate) async fn move_in(
    fresh: Profile,
    relay: &RelayAddress,
    begun: Begun,
    name: &str,
) -> Result<Client> {
    let Begun {
        keys,
        account,
        recorder: joining,
    } = begun;
    let joined = fetch_account(relay, &keys, &account).await?;
    let (client, slot) = enter(fresh, keys, account.account, |tx, identity| {
        for (seq, link) in (0_u64..).zip(&joined.links) {
            tx.put_link(account.account.into(), seq, link, true)?;
        }
        keys::put_puk(tx, identity, &joined.puk)?;
        let private = &joined.private;
        let id = private.log.id();
        let taken = membership::take_up(tx, identity, id, &private.links, &private.records)?;
        if taken != Grown::Stored {
            return Err(contradicts("no key for the private calendar"));
        }
        tx.set(Setting::Relay, relay.origin().as_bytes())?;
        joining.write_into(tx)?;
        joined.fetching.write_into(tx)?;
        Ok(private.log.id())
    })?;
    client.tell_device_name(name)?;
    slot.commit()?;
    Ok(client)
}

struct Joined {
    links: Vec<Vec<u8>>,
    puk: almanac_crypto::secret::PukSeed,
    private: PrivateCalendar,
    /// What went over the connection meanwhile.
    fetching: Recorder,
}

struct PrivateCalendar {
    log: CalendarLog,
    links: Vec<Vec<u8>>,
    records: Vec<Vec<u8>>,
}

async fn add(
    client: &Client,
    connection: &mut Connection,
    added: &AddedDevice,
    code: Option<String>,
) -> Result<()> {
    let identity = client.identity();
    if let Some(code) = code {
        pass_factor(connection, &code).await?;
    }
    if client.read(|tx| keys::lacks_puk(tx, identity))? {
        return Err(request::refused(Reason::Busy));
    }
    let (log, puk) =
        client.read(|tx| Ok((logs::account(tx, identity)?, keys::puk(tx, identity)?)))?;
    let mut log = AccountLog::clone(&log);
    let head = log.view().head;
    let link = log
        .add_device(
            &identity.keys,
            &added.bundle,
            &added.possession,
            clock::now_ms(),
        )
        .map_err(|_| request::refused(Reason::Conflict))?;
    log.append(&link).map_err(Error::internal)?;
    let device = added.bundle.device_id();
    let record = seal_puk_box(&mut SystemEntropy, &log, &device, &puk).map_err(Error::internal)?;
    let id = LogId::from(identity.account);
    let request = connection.session.put_link(id, Some(head), link.clone());
    answered(connection, request)
        .await?
        .map_err(|nack| match nack.reason {
            Reason::SecondFactor => recovery::connection::refused(&nack),
            reason => request::refused(reason),
        })?;
    client.store(|tx| {
        membership::append_account(tx, identity, identity.account, std::slice::from_ref(&link))?;
        Ok(tx.put_box(id, &record, false)?)
    })?;
    let request = connection.session.put_box(id, record.clone());
    done(connection, request).await?;
    client.store(|tx| Ok(tx.box_sent(id, &record)?))
}

async fn join(
    relay: &RelayAddress,
    routing: RoutingCode,
    show: impl FnOnce(&str),
) -> Result<(DeviceKeys, AccountBundle, Recorder)> {
    let recorder = Recorder::without_profile(relay.origin(), ContactReason::Link);
    let mut connection = Connection::open(relay, None, recorder).await?;
    loop {
        match connection.next_event().await? {
            Event::Challenged { .. } => {
                connection.session.join_pairing(&text(routing));
            }
            Event::PairingJoined => break,
            Event::Nacked(nack) => {
                return Err(match nack.reason {
                    Reason::PairingOver | Reason::Unknown => nobody_waits(),
                    reason => handshake::refused(reason),
                });
            }
            event => end_of(&event)?,
        }
    }
    let keys = DeviceKeys::generate(&mut SystemEntropy);
    let (promised, step) = NewDevice::new(keys, routing).promise(&mut SystemEntropy);
    connection.session.send_pairing(&text(routing), step);
    let step = next_step(&mut connection).await?;
    let (revealed, step) = promised.reveal(&step).map_err(failed)?;
    connection.session.send_pairing(&text(routing), step);
    show(&revealed.code().to_string());
    let step = next_step(&mut connection).await?;
    let (result, keys, account) = revealed.finish(&step).map_err(failed)?;
    let recorder = connection.close().await;
    match result {
        PairingResult::Added => Ok((keys, account, recorder)),
        PairingResult::WrongDigits => Err(failed(PairingError::Code)),
        PairingResult::Stopped => Err(stopped()),
    }
}

/// Reads the account back from the relay as the new device, believing nothing but the head that
/// the old device vouched for.
async fn fetch_account(
    relay: &RelayAddress,
    keys: &DeviceKeys,
    account: &AccountBundle,
) -> Result<Joined> {
    let identity = Some((account.account, keys.device_id()));
    let recorder = Recorder::without_profile(relay.origin(), ContactReason::Link);
    let mut connection = Connection::open(relay, identity, recorder).await?;
    let welcome = prove(&mut connection, keys, &Proof::Known).await?;
    let account_links = links(&mut connection, account.account.into()).await?;
    let log = AccountLog::from_links(&account_links).map_err(contradicts)?;
    log.extends(account.view).map_err(contradicts)?;
    if log.id() != account.account || log.device(&keys.device_id()).is_none() {
        return Err(contradicts("the account's log"));
    }
    let records = boxes(&mut connection, account.account.into()).await?;
    let puk = records
        .iter()
        .find_map(|record| open_puk_box(&log, keys, record).ok())
        .ok_or_else(|| contradicts("no key of the account for this device"))?;
    for id in welcome.calendars {
        let links = links(&mut connection, id.into()).await?;
        let Ok(calendar) = CalendarLog::from_links(&links, &log) else {
            continue;
        };
        let is_own = calendar.owner() == account.account && calendar.id() == id;
        if is_own && calendar.purpose() == CalendarPurpose::Private {
            let records = boxes(&mut connection, id.into()).await?;
            let fetching = connection.close().await;
            let private = PrivateCalendar {
                log: calendar,
                links,
                records,
            };
            return Ok(Joined {
                links: account_links,
                puk,
                private,
                fetching,
            });
        }
    }
    Err(contradicts("no private calendar"))
}

async fn next_step(connection: &mut Connection) -> Result<Vec<u8>> {
    loop {
        match connection.next_event().await? {
            Event::PairingStep { payload } if payload.is_empty() => return Err(stopped()),
            Event::PairingStep { payload } => return Ok(payload),
            Event::Nacked(_) => return Err(stopped()),
            event => end_of(&event)?,
        }
    }
}

/// The eight characters as messages carry them.
fn text(routing: RoutingCode) -> String {
    String::from_utf8_lossy(routing.as_bytes()).into_owned()
}

fn failed(error: PairingError) -> Error {
    let message = match error {
        PairingError::Code => {
            "The digits are not those of the new device. No device was added, and this code is used \
             up. Start again on both devices."
        }
        _ => {
            "The two devices did not understand each other, or someone stood between them. No \
             device was added. Start again on both; if it happens twice, do not trust this network."
        }
    };
    Error::new(ErrorCode::LinkingFailed, message)
}

fn stopped() -> Error {
    Error::new(
        ErrorCode::LinkingFailed,
        "Linking was stopped on the other side, or took longer than five minutes. No device was \
         added. Start again on both devices.",
    )
}

fn nobody_waits() -> Error {
    Error::new(
        ErrorCode::LinkingFailed,
        "No device waits under this code: it was used already, is older than five minutes, or a \
         character is wrong. Nothing was changed here. Have the other device show a new one.",
    )
}

fn contradicts(what: impl std::fmt::Display) -> Error {
    tracing::warn!(%what, "link.relay_contradicts");
    Error::new(
        ErrorCode::RelayContradicts,
        "The relay shows another account than the device you linked with. No profile was made. \
         Revoke this device there, and ask whoever runs the relay.",
    )
}
