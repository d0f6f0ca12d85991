//! RECOVER: a recovery kit comes in without saying whose it is. Once its key is proven the connection
//! is the kit's: the log and the boxes of its account, and nothing of any calendar.

use super::caller::Proof;
use super::exchange::{Ask, Event, KitEntry, KitProof, Request};
use super::{Session, State};
use crate::ids::{AccountId, LogId};
use crate::limits::MESSAGE_BYTES_MAX;
use crate::message::{Message, Reason, Recover, Recovery};

impl Session {
    /// A guest says it is a kit: the database knows the key and whose it is.
    pub(super) fn handle_recover(&mut self, recover: &Recover) {
        let Some(guest) = self.guest.take() else {
            return self.end(Reason::Malformed, 0);
        };
        let proof = Proof {
            origin: guest.origin,
            client_nonce: guest.client_nonce,
            relay_nonce: self.relay_nonce,
            account: AccountId::from_bytes([0; 32]),
            device: recover.device,
        };
        self.state = State::Recovering(recover.request, recover.device);
        self.emit(Event::Ask(Ask::Recover(KitProof {
            proof,
            signature: recover.signature,
        })));
    }

    /// The kit has proven its key, or nobody has.
    pub(super) fn handle_recovering(&mut self, entry: Result<KitEntry, Reason>) {
        let State::Recovering(request, device) = self.state else {
            return;
        };
        let entry = match entry {
            Ok(entry) => entry,
            Err(reason) => return self.refuse(reason),
        };
        let account = entry.account;
        self.state = State::Kit(account);
        self.deadline = None;
        self.emit(Event::Admit { account, device });
        self.emit(Event::Listen(account));
        self.send(Recovery {
            request,
            account,
            factor_due: entry.is_factor_due,
            wait_ms: entry.wait_ms,
        });
    }

    /// What a kit may ask.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "whatever is not a kit's business ends its connection"
    )]
    pub(super) fn handle_kit(&mut self, account: AccountId, message: Message, size: usize) {
        let own = LogId::from(account);
        match message {
            Message::LinkGet(get) if get.log == own => {
                self.ask(Request::LinkGet(get, Vec::new()), MESSAGE_BYTES_MAX);
            }
            Message::BoxGet(get) if get.log == own => {
                self.ask(Request::BoxGet(get), MESSAGE_BYTES_MAX);
            }
            Message::LinkPut(put) if put.log == own => {
                self.ask(Request::LinkPut(put, self.passed), size);
            }
            Message::BoxPut(put) if put.log == own => self.ask(Request::BoxPut(put), size),
            Message::FactorPass(pass) => self.ask(Request::FactorPass(pass), size),
            Message::LinkGet(get) => self.nack(get.request, Reason::Forbidden, 0),
            Message::BoxGet(get) => self.nack(get.request, Reason::Forbidden, 0),
            Message::LinkPut(put) => self.nack(put.request, Reason::Forbidden, 0),
            Message::BoxPut(put) => self.nack(put.request, Reason::Forbidden, 0),
            _ => self.end(Reason::Malformed, 0),
        }
    }
}
