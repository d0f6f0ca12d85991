//! The first messages of a connection: the proof of this device's key, or a new account.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events that are not awaited all go the same way"
)]

use almanac_crypto::keys::DeviceKeys;
use almanac_protocol::auth::auth_body;
use almanac_protocol::ids::Signature;
use almanac_protocol::label::Purpose;
use almanac_protocol::message::{Reason, Welcome};
use almanac_protocol::session::client::Event;
use almanac_protocol::signed::Signer;

use crate::client::Client;
use crate::contacts::ContactReason;
use crate::error::{Error, ErrorCode, Result};
use crate::sync::{Connection, RelayAddress, interrupted};

/// How to answer the relay's challenge.
#[derive(Debug)]
pub(crate) enum Proof {
    /// As a device the relay knows.
    Known,
    /// As the device of a new account, with an invite and the account's log.
    New {
        /// As the person typed it.
        invite: String,
        /// The account's log.
        links: Vec<Vec<u8>>,
    },
}

/// Waits for the challenge and answers it.
pub(crate) async fn prove(
    connection: &mut Connection,
    keys: &DeviceKeys,
    proof: &Proof,
) -> Result<Welcome> {
    loop {
        match connection.next_event().await? {
            Event::Challenged {
                relay_nonce, known, ..
            } => {
                connection.relay_nonce = relay_nonce;
                let signature = sign(connection, keys, &relay_nonce)?;
                match proof {
                    Proof::New { invite, links } if !known => {
                        connection
                            .session
                            .handle_registration(invite, links.clone(), signature);
                    }
                    // An account that is there already needs no invite: the same command twice is
                    // harmless.
                    Proof::New { .. } => connection.session.handle_proof(signature),
                    Proof::Known if known => connection.session.handle_proof(signature),
                    Proof::Known => return Err(unknown()),
                }
            }
            Event::Welcomed(welcome) => return Ok(welcome),
            Event::Nacked(nack) => return Err(refused(nack.reason)),
            event => end_of(&event)?,
        }
    }
}

/// Creates the account at a relay.
pub(crate) async fn register(client: &Client, relay: &RelayAddress, invite: &str) -> Result<()> {
    let identity = client.identity();
    let links = client.read(|tx| Ok(tx.links(identity.account.into())?))?;
    let mut connection = client.connect(relay, ContactReason::Register).await?;
    let proof = Proof::New {
        invite: invite.to_owned(),
        links,
    };
    prove(&mut connection, &identity.keys, &proof).await?;
    connection.close().await;
    Ok(())
}

/// Whether an event ends the connection: the error a person reads then.
pub(crate) fn end_of(event: &Event) -> Result<()> {
    match event {
        Event::Closing {
            reason: Reason::Leaving | Reason::Busy,
            ..
        }
        | Event::Silent => Err(interrupted()),
        Event::Closing { reason, .. } => Err(refused(*reason)),
        Event::Malformed => Err(Error::new(
            ErrorCode::NotARelay,
            "What answers does not speak as a relay should. Nothing was accepted from it, and \
             everything is saved on this device. Check the address, or update this program.",
        )),
        _ => Ok(()),
    }
}

pub(super) fn sign(
    connection: &Connection,
    keys: &DeviceKeys,
    relay_nonce: &[u8; 32],
) -> Result<Signature> {
    let caller = &connection.caller;
    let (account, device) = caller
        .identity
        .ok_or_else(|| Error::internal("a proof without an account"))?;
    let body = auth_body(
        &caller.origin,
        &caller.client_nonce,
        relay_nonce,
        &account,
        &device,
    )
    .ok_or_else(|| Error::invalid("The address of the relay is too long."))?;
    Ok(keys.sign(Purpose::RelayAuth, &body))
}

/// What a relay's no means to a person.
pub(crate) fn refused(reason: Reason) -> Error {
    match reason {
        Reason::InviteInvalid => Error::new(
            ErrorCode::InviteInvalid,
            "The relay does not know this invite: it was used already, or a character is wrong. \
             Nothing was changed. Ask whoever runs the relay for a new one.",
        ),
        Reason::AuthFailed | Reason::Unknown => unknown(),
        Reason::Version => Error::new(
            ErrorCode::RelayRefused,
            "The relay no longer speaks with a program this old. Everything is saved on this \
             device. Update Almanac.",
        ),
        Reason::Rate => Error::new(
            ErrorCode::RelayRefused,
            "The relay had too many requests from here. Everything is saved on this device and \
             will be sent later.",
        ),
        reason => Error::new(
            ErrorCode::RelayRefused,
            format!(
                "The relay refused ({reason:?}). Everything is saved on this device. Ask whoever \
                 runs the relay if it stays this way."
            ),
        ),
    }
}

fn unknown() -> Error {
    Error::new(
        ErrorCode::RelayRefused,
        "The relay does not know this account, or does not accept this device's proof. Everything \
         is saved on this device. If the relay was set up anew, join it again with \
         `almanac relay use URL --invite CODE`.",
    )
}
