//! Speaking to the relay as a recovery kit, and showing codes of the second factor.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events and refusals that are not awaited all go the same way"
)]

use almanac_crypto::recovery::RecoveryKit;
use almanac_protocol::auth::auth_body;
use almanac_protocol::ids::{AccountId, LinkHash, LogId};
use almanac_protocol::label::Purpose;
use almanac_protocol::message::{Nack, Reason, Recovery};
use almanac_protocol::session::client::Event;
use almanac_protocol::signed::Signer as _;

use crate::client::Client;
use crate::clock;
use crate::contacts::ContactReason;
use crate::error::{Error, ErrorCode, Result};
use crate::findings::moment;
use crate::ledger::recorder::Recorder;
use crate::sync::{Connection, Proof, RelayAddress, end_of, prove};

/// Reaches the relay as a kit, and proves its key.
pub(super) async fn open_kit(
    relay: &RelayAddress,
    kit: &RecoveryKit,
    recorder: Recorder,
) -> Result<(Connection, Recovery)> {
    let device = kit.keys().device_id();
    let mut connection = Connection::open(relay, None, recorder).await?;
    loop {
        match connection.next_event().await? {
            Event::Challenged { relay_nonce, .. } => {
                let caller = &connection.caller;
                // The words alone do not say whose they are.
                let nobody = AccountId::from_bytes([0; 32]);
                let nonces = (&caller.client_nonce, &relay_nonce);
                let body = auth_body(&caller.origin, nonces.0, nonces.1, &nobody, &device)
                    .ok_or_else(|| Error::invalid("The address of the relay is too long."))?;
                let signature = kit.keys().sign(Purpose::RelayAuth, &body);
                connection.session.handle_kit_proof(device, signature);
            }
            Event::Recovering(recovery) => return Ok((connection, recovery)),
            Event::Nacked(_) => return Err(unknown_kit()),
            event => end_of(&event)?,
        }
    }
}

impl Client {
    /// Reaches the relay as the kit of this very account. It need not wait: this device agrees.
    pub(crate) async fn open_own_kit(&self, kit: &RecoveryKit) -> Result<(Connection, Recovery)> {
        let (identity, relay) = (self.identity(), self.relay()?);
        let recorder = Recorder::begin(self, relay.origin(), ContactReason::Devices)?;
        let (connection, recovery) = open_kit(&relay, kit, recorder).await?;
        if recovery.account != identity.account {
            return Err(Error::invalid(
                "These are the words of a kit of another account. Nothing was changed.",
            ));
        }
        if recovery.wait_ms > 0 {
            self.approve(kit.keys().device_id()).await?;
        }
        Ok((connection, recovery))
    }

    /// Tells the relay that a kit need not wait.
    pub(super) async fn approve(&self, kit: almanac_protocol::ids::DeviceId) -> Result<()> {
        let (identity, relay) = (self.identity(), self.relay()?);
        let mut connection = self.connect(&relay, ContactReason::Devices).await?;
        prove(&mut connection, &identity.keys, &Proof::Known).await?;
        let asked = connection.session.approve_recovery(kit);
        let done = answered(&mut connection, asked).await?;
        connection.close().await;
        match done {
            Ok(()) => Ok(()),
            Err(nack) if nack.reason == Reason::Unknown => Err(Error::not_found(
                "Nobody has typed the words of your recovery kit just now. Nothing was changed.",
            )),
            Err(nack) => Err(refused(&nack)),
        }
    }
}

/// Shows a code; nothing is said of what is to follow it.
pub(crate) async fn pass_factor(connection: &mut Connection, code: &str) -> Result<()> {
    let asked = connection.session.pass_factor(code);
    answered(connection, asked)
        .await?
        .map_err(|nack| refused(&nack))
}

/// Has the relay take a link. Gives whether it did; no when another one came first.
pub(crate) async fn put_link(
    connection: &mut Connection,
    log: LogId,
    head: LinkHash,
    link: Vec<u8>,
) -> Result<bool> {
    let asked = connection.session.put_link(log, Some(head), link);
    match answered(connection, asked).await? {
        Ok(()) => Ok(true),
        Err(nack) if nack.reason == Reason::Conflict => Ok(false),
        Err(nack) => Err(refused(&nack)),
    }
}

/// Waits for the answer to one request.
pub(crate) async fn answered(
    connection: &mut Connection,
    asked: u64,
) -> Result<std::result::Result<(), Nack>> {
    loop {
        match connection.next_event().await? {
            Event::Acked { request, .. } if request == asked => return Ok(Ok(())),
            Event::Nacked(nack) if nack.request == asked => return Ok(Err(nack)),
            event => end_of(&event)?,
        }
    }
}

/// What a refusal means to a person.
pub(crate) fn refused(nack: &Nack) -> Error {
    match (nack.reason, nack.seq) {
        (Reason::SecondFactor, Some(left)) => Error::new(
            ErrorCode::SecondFactorDue,
            format!(
                "This code is not right, or was used before. Nothing was changed. {left} more tries, \
                 then the relay looks at none for an hour. Codes change every half minute."
            ),
        ),
        (Reason::SecondFactor, None) => Error::new(
            ErrorCode::SecondFactorDue,
            "Your account has a second factor: this needs a code of your authenticator, or one of \
             the ten on paper. Nothing was changed. Give it with `--code CODE`.",
        ),
        (Reason::Rate, _) => Error::new(
            ErrorCode::SecondFactorDue,
            format!(
                "Too many codes were wrong: the relay looks at none before {}. Nothing was changed. \
                 If it was not you who typed them, somebody has one of your devices or your recovery \
                 kit.",
                later(nack.retry_after_ms)
            ),
        ),
        (Reason::Held, _) => Error::new(
            ErrorCode::RelayRefused,
            format!(
                "The recovery kit has to wait until {}. Nothing was changed. There is no wait if a \
                 device of the account agrees, with `almanac recovery approve`.",
                later(nack.retry_after_ms)
            ),
        ),
        (reason, _) => Error::new(
            ErrorCode::RelayRefused,
            format!(
                "The relay did not take this ({reason:?}). Nothing was changed. Try again; if it \
                 stays this way, ask whoever runs the relay."
            ),
        ),
    }
}

fn later(wait_ms: u64) -> String {
    moment(clock::now_ms().saturating_add(wait_ms))
}

fn unknown_kit() -> Error {
    Error::new(
        ErrorCode::RelayRefused,
        "The relay knows no account with this recovery kit. Nothing was changed. Compare the words with \
         the page, and look whether this is the relay that is named there. A kit that was replaced is \
         worth nothing any more.",
    )
}
