//! Coming in as a recovery kit, and codes of the second factor.

use minicbor::bytes::ByteVec;

use super::{ClientSession, Event, State};
use crate::ids::{DeviceId, Signature};
use crate::message::{FactorPass, FactorSet, Recover, Recovery, RecoveryApprove};

impl ClientSession {
    /// Answers the challenge as a recovery kit, on a connection that names no account.
    pub fn handle_kit_proof(&mut self, device: DeviceId, signature: Signature) {
        if self.state == State::Challenged {
            self.state = State::Proving;
            let request = self.request();
            self.send(Recover {
                request,
                device,
                signature,
            });
        }
    }

    /// Shows a code of the second factor.
    pub fn pass_factor(&mut self, code: &str) -> u64 {
        let request = self.request();
        self.send(FactorPass {
            request,
            code: code.to_owned(),
        });
        request
    }

    /// Sets the second factor, or with empty terms takes it away.
    pub fn set_factor(&mut self, terms: Vec<u8>, code: &str) -> u64 {
        let request = self.request();
        self.send(FactorSet {
            request,
            terms: ByteVec::from(terms),
            code: code.to_owned(),
        });
        request
    }

    /// Says that a recovery kit need not wait.
    pub fn approve_recovery(&mut self, device: DeviceId) -> u64 {
        let request = self.request();
        self.send(RecoveryApprove { request, device });
        request
    }

    pub(super) fn handle_recovery(&mut self, recovery: &Recovery) {
        self.state = State::Ready;
        self.emit(Event::Recovering(recovery.clone()));
    }
}
