//! Ada's calendar, the people around it, and the links that she signs.

use std::collections::BTreeMap;

use almanac_protocol::ids::{AccountId, CalendarId, LogId, Signature, VerifyKey};
use almanac_protocol::join::{Acceptance, CARD_BYTES, SealedCard, look_body};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{
    AccountLog, CalendarLog, HistoryWrap, InviteTerms, MemberChange, Role, RotationSection,
};
use almanac_protocol::message::{
    InviteLook, Join, JoinGet, Joins, LinkGet, Links, Message, Reason,
};
use almanac_protocol::signed::{Signer, signature_body};
use ed25519_dalek::{Signer as _, SigningKey};
use minicbor::bytes::ByteVec;

use crate::world::{Calendar, Person, Socket, World};

/// The year 2100, in milliseconds.
pub(crate) const LATER_MS: u64 = 4_102_444_800_000;

/// An invite's key pair.
pub(crate) struct InviteKey(SigningKey);

impl InviteKey {
    pub(crate) fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }
}

impl Signer for InviteKey {
    fn verify_key(&self) -> VerifyKey {
        VerifyKey::from_bytes(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, purpose: Purpose, body: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(&signature_body(purpose, body)).to_bytes())
    }
}

/// Ada's calendar as it grows at the relay.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) ada: Person,
    pub(crate) socket: Socket,
    pub(crate) log: CalendarLog,
    accounts: BTreeMap<AccountId, AccountLog>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let world = World::start().await;
        let (ada, Calendar { log, .. }, socket) = world.owner(1).await;
        let accounts = BTreeMap::from([(ada.account(), ada.log.clone())]);
        Self {
            world,
            ada,
            socket,
            log,
            accounts,
        }
    }

    pub(crate) fn id(&self) -> CalendarId {
        self.log.id()
    }

    pub(crate) fn calendar(&self) -> Calendar {
        Calendar {
            log: self.log.clone(),
            genesis: Vec::new(),
        }
    }

    /// Someone else whom the relay knows.
    pub(crate) async fn person(&mut self, seed: u8) -> (Person, Socket) {
        let person = Person::new(seed);
        let socket = self.world.register(&person).await;
        self.accounts.insert(person.account(), person.log.clone());
        (person, socket)
    }

    /// Notes the log of someone who lives elsewhere.
    pub(crate) fn know(&mut self, person: &Person) {
        self.accounts.insert(person.account(), person.log.clone());
    }

    /// Puts a link of Ada's at the relay and into her own log.
    async fn append(&mut self, link: &[u8]) {
        let (log, head) = (LogId::from(self.id()), self.log.view().head);
        let taken = self.socket.put_link(log, Some(head), link).await;
        taken.expect("the relay takes it");
        self.log.append(link, &self.accounts).expect("it is valid");
    }

    pub(crate) async fn invite(&mut self, key: &InviteKey, role: Role, expires_ms: u64) {
        let terms = InviteTerms {
            key: key.verify_key(),
            role,
            expires_ms,
        };
        let link = self.log.open_invite(&self.ada, &self.ada.log, &terms, 0);
        self.append(&link.expect("a link")).await;
    }

    pub(crate) async fn end_invite(&mut self, key: &InviteKey) {
        let key = key.verify_key();
        let link = self.log.end_invite(&self.ada, &self.ada.log, &key, 0);
        self.append(&link.expect("a link")).await;
    }

    /// Gives a person another role; a lower one with a new epoch.
    pub(crate) async fn set_role(&mut self, person: &Person, role: Option<Role>) {
        self.change(person, role, None).await;
    }

    pub(crate) async fn admit(&mut self, person: &Person, role: Role, by: &InviteKey) {
        self.change(person, Some(role), Some(by.verify_key())).await;
    }

    async fn change(&mut self, person: &Person, role: Option<Role>, invite: Option<VerifyKey>) {
        let is_lower = role < self.log.role(&person.account());
        let change = MemberChange {
            account: person.account(),
            role,
            view: person.log.view(),
            invite,
            cuts: Vec::new(),
            rotation: is_lower.then(|| self.next_epoch(person.account(), role)),
        };
        let link = self.log.change_member(&self.ada, &self.ada.log, &change, 0);
        self.append(&link.expect("a link")).await;
    }

    fn next_epoch(&self, account: AccountId, role: Option<Role>) -> RotationSection {
        let history = HistoryWrap::from_bytes([7; 72]);
        let members = self.log.next_members(Some((account, role)), &self.accounts);
        RotationSection {
            epoch: self.log.epoch_now().section.epoch + 1,
            commit_main: [3; 32],
            commit_free_busy: [4; 32],
            history_main: history,
            history_free_busy: history,
            members: members.expect("all logs are here"),
        }
    }
}

/// Shows on a connection that its person holds the invite of `key`.
pub(crate) async fn look(
    stage: &Stage,
    socket: &mut Socket,
    person: &Person,
    key: &InviteKey,
) -> Result<(), Reason> {
    let body = look_body(
        &stage.world.origin(),
        socket.nonces(),
        &stage.id(),
        &person.account(),
        &person.device,
    );
    let signature = key.sign(Purpose::InviteLook, &body.expect("a short origin"));
    let request = socket.request();
    socket
        .send(InviteLook {
            request,
            calendar: stage.id(),
            invite: key.verify_key(),
            signature,
        })
        .await;
    let answer = socket.answer(request).await;
    answer.map(|_| ()).map_err(|nack| nack.reason)
}

/// The links of a log that a connection is shown, and how many it is told there are.
pub(crate) async fn links(socket: &mut Socket, log: impl Into<LogId>) -> Result<Links, Reason> {
    let (request, log) = (socket.request(), log.into());
    socket
        .send(LinkGet {
            request,
            log,
            first_seq: 0,
        })
        .await;
    loop {
        match socket.receive().await {
            Message::Links(links) => return Ok(links),
            Message::Nack(nack) => return Err(nack.reason),
            Message::LogGrew(_) | Message::Envelopes(_) => {}
            other => panic!("no links: {other:?}"),
        }
    }
}

/// What the holder of an invite signs to be admitted; the card is noise.
pub(crate) fn acceptance(stage: &Stage, person: &Person, key: &InviteKey) -> Vec<u8> {
    let fields = Acceptance {
        calendar: stage.id(),
        invite: key.verify_key(),
        account: person.account(),
        view: person.log.view(),
        inviter: stage.ada.account(),
        puk_generation: 1,
    };
    let card = SealedCard {
        encapsulated: Box::new([5; 1120]),
        ciphertext: Box::new([6; CARD_BYTES + 16]),
    };
    fields.sign(key, &card)
}

pub(crate) async fn join(socket: &mut Socket, acceptance: Vec<u8>) -> Result<(), Reason> {
    let request = socket.request();
    socket
        .send(Join {
            request,
            acceptance: ByteVec::from(acceptance),
        })
        .await;
    let answer = socket.answer(request).await;
    answer.map(|_| ()).map_err(|nack| nack.reason)
}

/// Who asks, as the relay answers this connection.
pub(crate) async fn joins(socket: &mut Socket, calendar: CalendarId) -> Result<Joins, Reason> {
    let request = socket.request();
    socket.send(JoinGet { request, calendar }).await;
    loop {
        match socket.receive().await {
            Message::Joins(joins) if joins.request == request => return Ok(joins),
            Message::Nack(nack) => return Err(nack.reason),
            Message::Joins(_) | Message::LogGrew(_) => {}
            other => panic!("no joins: {other:?}"),
        }
    }
}
