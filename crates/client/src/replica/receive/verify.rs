//! Whether a frame is stored: who signed it, and what its author had seen of the logs.

use almanac_protocol::frame::Frame;
use almanac_protocol::ids::DeviceId;
use almanac_protocol::membership::LinkError;
use almanac_protocol::signed::{Signed, Verified};
use almanac_store::QuarantineReason;

use super::page::Page;

/// Why something is not accepted.
pub(super) enum Refusal {
    /// A newer log may allow it.
    NeedsLog,
    /// It never will be, for this reason.
    For(QuarantineReason),
    /// Its author has seen another history of a log than is here.
    Contradicts(DeviceId),
}

impl Refusal {
    /// Why something is set aside when nothing newer can be asked for.
    pub(super) const fn reason(&self) -> QuarantineReason {
        match self {
            Self::NeedsLog => QuarantineReason::Log,
            Self::For(reason) => *reason,
            Self::Contradicts(_) => QuarantineReason::Fork,
        }
    }
}

impl Page<'_> {
    /// The frame, if a device of someone whom the calendar's log names has signed it for this stream,
    /// and what it had seen agrees with what is here. Whether it counts is another question.
    pub(super) fn verify(&self, bytes: &[u8]) -> std::result::Result<Verified<Frame>, Refusal> {
        const UNAUTHORISED: Refusal = Refusal::For(QuarantineReason::Unauthorised);
        let signed = Signed::<Frame>::parse(bytes).map_err(|_| UNAUTHORISED)?;
        let (account, device) = self
            .people
            .device(&signed.signer())
            .ok_or(Refusal::NeedsLog)?;
        let frame = signed
            .verify(&device.bundle.sign_key)
            .map_err(|_| UNAUTHORISED)?;
        let body = frame.body();
        if body.stream != self.stream {
            return Err(UNAUTHORISED);
        }
        let judged = |error: LinkError| {
            let fork = Refusal::Contradicts(body.author);
            if matches!(error, LinkError::Seq { .. }) {
                Refusal::NeedsLog
            } else {
                fork
            }
        };
        account.consistent(body.account_view).map_err(judged)?;
        self.log.consistent(body.calendar_view).map_err(judged)?;
        Ok(frame)
    }
}
