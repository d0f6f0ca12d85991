//! Why the relay does not do what it was asked: one type, with a code for the connection and a
//! status for HTTP.

use almanac_protocol::message::{Nack, Reason};
use almanac_protocol::second_factor::Refusal as Missing;
use almanac_protocol::session::relay::Packet;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minicbor::bytes::ByteVec;
use thiserror::Error;

use crate::database::DatabaseError;

/// Why the relay does not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Reject {
    /// The logs do not allow it, or what it is about is not the caller's to know.
    #[error("the logs do not allow it")]
    Forbidden,
    /// There is no such stream, log, epoch or path.
    #[error("there is no such thing")]
    Unknown,
    /// It cannot be read.
    #[error("it cannot be read")]
    Malformed,
    /// It is beyond a limit of the protocol.
    #[error("it is beyond a limit")]
    TooLarge,
    /// The envelope is sealed for an epoch that is over.
    #[error("its epoch is over")]
    EpochOld,
    /// Other bytes stand under the envelope's key.
    #[error("other bytes stand there")]
    Taken {
        /// BLAKE3 of what stands there.
        hash: [u8; 32],
        /// Number under which it stands.
        rseq: u64,
    },
    /// The log's head is another.
    #[error("the head is another")]
    Conflict {
        /// Hash of the head; `None` when there is no log.
        head: Option<[u8; 32]>,
        /// Number of the head.
        seq: Option<u64>,
    },
    /// The caller did not prove who it is.
    #[error("the proof does not hold")]
    AuthFailed,
    /// The invite does not exist or was used.
    #[error("the invite does not hold")]
    InviteInvalid,
    /// As many are kept as may be.
    #[error("no more are kept")]
    Quota,
    /// A code of the second factor is missing, or was wrong.
    #[error("a code is missing or wrong")]
    SecondFactor {
        /// How many more may be wrong, after a wrong one.
        left: Option<u8>,
    },
    /// Too many codes were wrong.
    #[error("too many codes were wrong")]
    Locked {
        /// Until the next is looked at.
        wait_ms: u64,
    },
    /// The recovery kit has to wait.
    #[error("the recovery kit has to wait")]
    Held {
        /// How long; 0 when it has to prove its key again.
        wait_ms: u64,
    },
    /// The relay cannot do it now.
    #[error("not now")]
    Busy,
    /// The request comes from a web page.
    #[error("web pages are not served")]
    WebPage,
}

impl Reject {
    /// What is missing before a link of an account.
    pub(crate) const fn of_gate(missing: Missing, now_ms: u64) -> Self {
        match missing {
            Missing::SecondFactor => Self::SecondFactor { left: None },
            Missing::Hold { until_ms } => Self::Held {
                wait_ms: until_ms.saturating_sub(now_ms),
            },
            Missing::Over => Self::Held { wait_ms: 0 },
        }
    }

    /// The code on the connection.
    pub(crate) const fn reason(self) -> Reason {
        match self {
            Self::Forbidden | Self::WebPage => Reason::Forbidden,
            Self::Unknown => Reason::Unknown,
            Self::Malformed => Reason::Malformed,
            Self::TooLarge => Reason::TooLarge,
            Self::EpochOld => Reason::EpochOld,
            Self::Taken { .. } => Reason::Taken,
            Self::Conflict { .. } => Reason::Conflict,
            Self::AuthFailed => Reason::AuthFailed,
            Self::InviteInvalid => Reason::InviteInvalid,
            Self::Quota => Reason::Quota,
            Self::SecondFactor { .. } => Reason::SecondFactor,
            Self::Locked { .. } => Reason::Rate,
            Self::Held { .. } => Reason::Held,
            Self::Busy => Reason::Busy,
        }
    }

    /// The status over HTTP.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Forbidden
            | Self::WebPage
            | Self::InviteInvalid
            | Self::SecondFactor { .. }
            | Self::Locked { .. }
            | Self::Held { .. } => StatusCode::FORBIDDEN,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::EpochOld | Self::Taken { .. } | Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::AuthFailed => StatusCode::UNAUTHORIZED,
            Self::Quota => StatusCode::INSUFFICIENT_STORAGE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the client of this request is told.
    pub(crate) fn nack(self, request: u64) -> Packet {
        let (hash, seq) = match self {
            Self::Taken { hash, rseq } => (Some(hash), Some(rseq)),
            Self::Conflict { head, seq } => (head, seq),
            Self::SecondFactor { left } => (None, left.map(u64::from)),
            Self::Locked { .. }
            | Self::Held { .. }
            | Self::Forbidden
            | Self::Unknown
            | Self::Malformed
            | Self::TooLarge
            | Self::EpochOld
            | Self::AuthFailed
            | Self::InviteInvalid
            | Self::Quota
            | Self::Busy
            | Self::WebPage => (None, None),
        };
        let retry_after_ms = match self {
            Self::Busy => 5_000,
            Self::Locked { wait_ms } | Self::Held { wait_ms } => wait_ms,
            Self::Forbidden
            | Self::Unknown
            | Self::Malformed
            | Self::TooLarge
            | Self::EpochOld
            | Self::Taken { .. }
            | Self::Conflict { .. }
            | Self::AuthFailed
            | Self::InviteInvalid
            | Self::Quota
            | Self::SecondFactor { .. }
            | Self::WebPage => 0,
        };
        let hash = hash.map(|hash| ByteVec::from(hash.to_vec()));
        Packet::from(almanac_protocol::message::Message::from(Nack {
            request,
            reason: self.reason(),
            retry_after_ms,
            hash,
            seq,
        }))
    }
}

impl IntoResponse for Reject {
    fn into_response(self) -> Response {
        (self.status(), self.to_string()).into_response()
    }
}

/// Why a question to the database has no good answer: the caller's fault, or the database's.
#[derive(Debug, Error)]
pub(crate) enum Refusal {
    /// The caller is told.
    #[error(transparent)]
    Reject(#[from] Reject),
    /// The caller hears [`Reject::Busy`], the operator reads the log.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

#[cfg(test)]
mod tests {
    use almanac_protocol::message::Message;

    use super::*;

    #[test]
    fn a_taken_key_tells_what_stands_there() {
        let packet = Reject::Taken {
            hash: [7; 32],
            rseq: 9,
        }
        .nack(3);
        let Ok(Message::Nack(nack)) = Message::decode(packet.as_ref()) else {
            panic!()
        };
        assert_eq!(
            (nack.request, nack.reason, nack.seq),
            (3, Reason::Taken, Some(9))
        );
        assert_eq!(nack.hash.map(|hash| hash.to_vec()), Some(vec![7; 32]));
    }

    #[test]
    fn only_a_busy_relay_asks_to_come_back() {
        for (reject, retry_after_ms) in [(Reject::Busy, 5_000), (Reject::Forbidden, 0)] {
            let packet = reject.nack(1);
            let Ok(Message::Nack(nack)) = Message::decode(packet.as_ref()) else {
                panic!()
            };
            assert_eq!(nack.retry_after_ms, retry_after_ms);
        }
    }
}
