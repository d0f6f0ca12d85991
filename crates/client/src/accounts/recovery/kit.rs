//! The recovery kit: made, written down, typed back, put in force, and replaced.
//!
//! ```text
//! words ─▶ typed back ─▶ the only device, or the old kit ──────────────▶ in force
//!                    └─▶ a wish in the private calendar ─▶ another device agrees ─▶ in force
//! ```
//!
//! The words exist in memory while they are shown and typed, and are stored nowhere.

use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::recovery::{KitError, NewKit, RecoveryKit, co_sign};
use almanac_protocol::ids::{DeviceId, LinkHash, Signature};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{
    AccountLog, DeviceBundle, LinkError, ReplaceRecovery, possession_of_added_device,
};
use almanac_protocol::signed::Signer as _;
use almanac_store::Transaction;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::connection::{pass_factor, put_link};
use super::page::page;
use crate::accounts::devices;
use crate::client::{Client, Identity};
use crate::clock;
use crate::contacts::ContactReason;
use crate::entropy::SystemEntropy;
use crate::error::{Error, ErrorCode, Result};
use crate::replica::{devices as own_devices, documents, keys, logs, membership};
use crate::sync::{Proof, prove};

/// Under which name a kit waits in the private calendar for another device's consent.
const WISH: &str = "recovery kit to come";
/// Links of others that may come first before a person is asked to try again.
const ATTEMPTS: usize = 5;

/// A kit that was made and not typed back yet.
#[derive(Debug)]
pub struct MakingKit {
    client: Client,
    kit: NewKit,
}

/// What became of a kit whose words were typed back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum KitState {
    /// It is in force: the words open the account.
    InForce,
    /// Another device has to agree. Until then the words are worth nothing.
    NeedsConsent {
        /// Names of the devices that can.
        devices: Vec<String>,
    },
}

/// A kit that waits for the consent of another device, as it stands in the private calendar.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Wish {
    bundle: String,
    possession: String,
    /// The link that it would be.
    seq: u64,
    prev: String,
    pub(super) device: String,
    signature: String,
}

impl Client {
    /// Makes a kit. It is worth nothing before its words were typed back.
    #[must_use]
    pub fn make_kit(&self) -> MakingKit {
        MakingKit {
            client: self.clone(),
            kit: NewKit::generate(&mut SystemEntropy),
        }
    }

    /// Agrees to the kit that another device of the account has made: it is in force from then on.
    pub async fn agree_to_kit(&self, code: Option<&str>) -> Result<()> {
        self.sync_own().await?;
        let identity = self.identity();
        for _ in 0..ATTEMPTS {
            let wish = self.read(|tx| wish(tx, identity))?.ok_or_else(no_wish)?;
            let made = self.store(|tx| fulfil(tx, identity, &wish))?;
            if self.put_by_device(made, code).await? {
                self.write(|work| {
                    documents::edit_private(work, |private| {
                        private.settings.remove(WISH);
                    })
                })?;
                self.sync_own().await?;
                return Ok(());
            }
            self.sync_own().await?;
        }
        Err(changed_meanwhile())
    }

    /// Has the relay take a link of the account that this device brings. Gives whether it was taken.
    async fn put_by_device(
        &self,
        (head, link): (LinkHash, Vec<u8>),
        code: Option<&str>,
    ) -> Result<bool> {
        let identity = self.identity();
        let relay = self.relay()?;
        let mut connection = self.connect(&relay, ContactReason::Devices).await?;
        prove(&mut connection, &identity.keys, &Proof::Known).await?;
        if let Some(code) = code {
            pass_factor(&mut connection, code).await?;
        }
        let taken = put_link(&mut connection, identity.account.into(), head, link).await;
        connection.close().await;
        taken
    }
}

impl MakingKit {
    /// The 24 words.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        self.kit.words()
    }

    /// A page to print: the words, what they are for, and how they are used.
    #[must_use]
    pub fn page(&self) -> Zeroizing<String> {
        let relay = self.client.relay().ok().map(|relay| relay.origin());
        page(&self.kit.words(), relay.as_deref(), clock::now_ms())
    }

    /// Whether these are the words. What is wrong is said by place, so that one looks there.
    pub fn check(&self, typed: &str) -> Result<()> {
        self.kit.confirm(typed).map(drop).map_err(told)
    }

    /// Puts the kit in force once its words were typed back. `old` are the words of the kit in force,
    /// if the person has them: then no other device is asked.
    pub async fn confirm(
        &self,
        typed: &str,
        old: Option<&str>,
        code: Option<&str>,
    ) -> Result<KitState> {
        let kit = self.kit.confirm(typed).map_err(told)?;
        let client = &self.client;
        let identity = client.identity();
        if client.relay().is_err() {
            return self.confirm_here(&kit);
        }
        let old = old.map(RecoveryKit::from_words).transpose().map_err(told)?;
        for _ in 0..ATTEMPTS {
            client.sync_own().await?;
            let is_alone =
                client.read(|tx| Ok(logs::account(tx, identity)?.devices().len() == 1))?;
            let taken = match &old {
                Some(old) => self.put_by_old_kit(&kit, old, code).await?,
                None if is_alone => {
                    let made = client.store(|tx| in_force(tx, identity, &kit, &identity.keys))?;
                    client.put_by_device(made, code).await?
                }
                None => return self.wish_for(&kit).await,
            };
            client.sync_own().await?;
            if taken {
                return Ok(KitState::InForce);
            }
        }
        Err(changed_meanwhile())
    }

    /// Without a relay this is the only device there is.
    fn confirm_here(&self, kit: &RecoveryKit) -> Result<KitState> {
        let (client, identity) = (&self.client, self.client.identity());
        client.store(|tx| {
            let (_, link) = in_force(tx, identity, kit, &identity.keys)?;
            membership::append_account(tx, identity, identity.account, &[link])
        })?;
        Ok(KitState::InForce)
    }

    /// The old kit signs on a connection of its own. That this device is here spares it the wait.
    async fn put_by_old_kit(
        &self,
        kit: &RecoveryKit,
        old: &RecoveryKit,
        code: Option<&str>,
    ) -> Result<bool> {
        let (client, identity) = (&self.client, self.client.identity());
        let (mut connection, _) = client.open_own_kit(old).await?;
        if let Some(code) = code {
            pass_factor(&mut connection, code).await?;
        }
        let (head, link) = client.store(|tx| in_force(tx, identity, kit, old.keys()))?;
        let taken = put_link(&mut connection, identity.account.into(), head, link).await;
        connection.close().await;
        taken
    }

    /// Leaves the kit, without its words, in the private calendar for another device to agree.
    async fn wish_for(&self, kit: &RecoveryKit) -> Result<KitState> {
        let (client, identity) = (&self.client, self.client.identity());
        let (text, devices) = client.read(|tx| {
            let log = logs::account(tx, identity)?;
            let body = possession_of_added_device(&log.id(), log.count(), kit.keys().bundle());
            let possession = kit.keys().sign(Purpose::DevicePossession, &body);
            let signature = co_sign(&log, &identity.keys, kit.keys().bundle());
            let wish = Wish {
                bundle: digits(&kit.keys().bundle().to_bytes()),
                possession: digits(possession.as_bytes()),
                seq: log.count(),
                prev: digits(log.view().head.as_bytes()),
                device: identity.device.to_string(),
                signature: digits(signature.as_bytes()),
            };
            let text = serde_json::to_string(&wish).map_err(Error::internal)?;
            Ok((text, who_may_agree(tx, identity, &log)?))
        })?;
        client.write(|work| {
            documents::edit_private(work, |private| {
                private.settings.insert(WISH.to_owned(), text);
            })
        })?;
        client.sync_own().await?;
        Ok(KitState::NeedsConsent { devices })
    }
}

/// The kit that waits for consent, if there is one that was not overtaken.
pub(super) fn wish(tx: &Transaction<'_>, identity: &Identity) -> Result<Option<Wish>> {
    let settings = documents::private(tx, identity.private)?.settings;
    let Some(wish) = settings.get(WISH) else {
        return Ok(None);
    };
    let Ok(wish) = serde_json::from_str::<Wish>(wish) else {
        return Ok(None);
    };
    let log = logs::account(tx, identity)?;
    let is_current = wish.seq == log.count() && wish.prev == digits(log.view().head.as_bytes());
    Ok(is_current.then_some(wish))
}

/// One of two devices that agree is the most senior: any other one has to be that.
fn who_may_agree(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: &AccountLog,
) -> Result<Vec<String>> {
    let senior = log.devices().first().map(|device| device.id);
    let is_senior = senior == Some(identity.device);
    let may = |id: &DeviceId| *id != identity.device && (is_senior || senior == Some(*id));
    let listed = devices::list(tx, identity)?.into_iter();
    Ok(listed
        .filter(|(id, _)| may(id))
        .map(|(_, device)| device.name)
        .collect())
}

/// The link that puts a kit in force, signed by a device or by the old kit.
fn in_force(
    tx: &Transaction<'_>,
    identity: &Identity,
    kit: &RecoveryKit,
    signer: &DeviceKeys,
) -> Result<(LinkHash, Vec<u8>)> {
    let log = logs::account(tx, identity)?;
    let newest = keys::puk(tx, identity)?;
    let (seed, replace) = kit
        .put_in_force(&mut SystemEntropy, &log, &newest, None)
        .map_err(|_| keyless())?;
    keys::prepare_puk(tx, identity, &replace.rotation, &seed)?;
    let link = log
        .replace_recovery(signer, &replace, clock::now_ms())
        .map_err(Error::internal)?;
    judged(&log, &link)?;
    Ok((log.view().head, link))
}

/// The same link by this device, with the consent of the one that made the kit.
fn fulfil(tx: &Transaction<'_>, identity: &Identity, wish: &Wish) -> Result<(LinkHash, Vec<u8>)> {
    if wish.device == identity.device.to_string() {
        return Err(Error::invalid(
            "This is the device that made the kit: another one has to agree. Nothing was changed.",
        ));
    }
    let log = logs::account(tx, identity)?;
    let bundle = bytes(&wish.bundle).and_then(|bytes| DeviceBundle::parse(&bytes).ok());
    let bundle = bundle.ok_or_else(no_wish)?;
    let possession = bytes(&wish.possession).and_then(|bytes| Signature::from_slice(&bytes));
    let signature = bytes(&wish.signature).and_then(|bytes| Signature::from_slice(&bytes));
    let device: DeviceId = wish.device.parse().map_err(|_| no_wish())?;
    let remain = log.devices().iter().map(|device| device.id);
    let remain = remain.chain([bundle.device_id()]).collect();
    let replace = ReplaceRecovery {
        bundle,
        possession: possession.ok_or_else(no_wish)?,
        consent: Some((device, signature.ok_or_else(no_wish)?)),
        rotation: own_devices::prepare_key(tx, identity, &log, remain)?,
    };
    let link = log
        .replace_recovery(&identity.keys, &replace, clock::now_ms())
        .map_err(Error::internal)?;
    judged(&log, &link)?;
    Ok((log.view().head, link))
}

/// Whether a link would hold, before it leaves.
fn judged(log: &AccountLog, link: &[u8]) -> Result<()> {
    let mut after = log.clone();
    match after.append(link) {
        Ok(_) => Ok(()),
        Err(LinkError::Consent) => Err(Error::new(
            ErrorCode::NotAllowed,
            "A new recovery kit takes two of your devices, one of them the first in `almanac device \
             list`, or the words of the kit before. Nothing was changed.",
        )),
        Err(error) => Err(Error::internal(error)),
    }
}

/// What is wrong with words, to a person.
pub(super) fn told(error: KitError) -> Error {
    let message = match error {
        KitError::Count(count) => format!(
            "A recovery kit has 24 words; these are {count}. Nothing was changed. Type all of them, \
             in their order."
        ),
        KitError::Word(place) => format!(
            "Word {place} is in no recovery kit. Nothing was changed. Look at that word once more."
        ),
        KitError::Checksum => "These words do not belong together: one of them is another, or two \
                               changed places. Nothing was changed. Compare them with the page."
            .to_owned(),
        KitError::Other => "These are the words of another kit. Nothing was changed.".to_owned(),
    };
    Error::invalid(message)
}

fn keyless() -> Error {
    Error::new(
        ErrorCode::RelayRefused,
        "What your account was newly locked with has not come to this device yet. Nothing was changed. Try \
         again when another of your devices was connected.",
    )
}

fn no_wish() -> Error {
    Error::not_found(
        "No recovery kit waits for your consent: none was made, or the account has changed since. \
         Nothing was changed. Make one with `almanac recovery kit`.",
    )
}

fn changed_meanwhile() -> Error {
    Error::new(
        ErrorCode::NotAllowed,
        "Other devices changed the account again and again at the same moment. Nothing was changed. \
         Try again.",
    )
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(byte).collect()
}
