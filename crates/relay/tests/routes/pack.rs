//! Packs: chunks over HTTP, then messages.

mod chunk;
mod confirm;
mod drop;
mod get;
mod put;

use almanac_protocol::envelope::EnvelopeKind;
use almanac_protocol::ids::BlobName;
use almanac_protocol::limits::PACK_CHUNK_BYTES;
use almanac_protocol::message::{Confirm, Drop, Message, Nack, PackGet, PackPut, Packs, Position};
use almanac_protocol::pack::{
    ControlOrder, Manifest, Order, PACK_CHUNK_CONTENT_BYTES, PackAddress, blob_name,
};
use minicbor::bytes::ByteVec;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{Calendar, Person, Socket, World, position_after};

/// Envelopes in a calendar of Ada's, three where nothing else is said, and where they end.
struct Scene {
    world: World,
    ada: Person,
    calendar: Calendar,
    socket: Socket,
    end: Position,
}

impl Scene {
    async fn new() -> Self {
        Self::of(3, 528).await
    }

    /// So many envelopes of so many bytes.
    async fn of(count: u64, body_bytes: u32) -> Self {
        let world = World::start().await;
        let (ada, calendar, mut socket) = world.owner(1).await;
        let envelope = |n| ada.envelope_of(&calendar, n, EnvelopeKind::Own, 1, body_bytes);
        let envelopes: Vec<_> = (1..=count).map(envelope).collect();
        for (n, envelope) in (1..).zip(&envelopes) {
            let pushed = socket.push(std::slice::from_ref(envelope)).await;
            assert_eq!(pushed, Ok(vec![n]));
        }
        let end = position_after(calendar.main(), &envelopes);
        Self {
            world,
            ada,
            calendar,
            socket,
            end,
        }
    }

    /// Another device of Ada's, and its connection.
    async fn second_device(&mut self) -> (Person, Socket) {
        let head = self
            .ada
            .links
            .last()
            .map(|link| almanac_protocol::membership::link_hash(link));
        let (second, link) = self.ada.add_device(9);
        let log = self.ada.account().into();
        let put = self.socket.put_link(log, head, &link).await;
        put.expect("a second device is taken");
        let socket = self.world.enter(&second).await;
        (second, socket)
    }

    async fn packs(&mut self) -> Packs {
        packs_of(&mut self.socket, &self.calendar).await
    }

    async fn relay_epoch(&mut self) -> almanac_protocol::ids::RelayEpoch {
        let mut socket = self.world.connect().await;
        let welcome = socket.enter(&self.ada, &self.world.origin()).await;
        welcome.expect("she is known").relay_epoch
    }

    /// A signed manifest over these chunks.
    async fn manifest(&mut self, chunks: &[Vec<u8>]) -> Vec<u8> {
        let address = PackAddress {
            epoch: 1,
            device: self.ada.device,
            relay_epoch: self.relay_epoch().await,
            position: self.end,
        };
        manifest_of(&self.ada, address, chunks)
    }

    async fn upload(&mut self, chunks: &[Vec<u8>]) {
        let ticket = self.packs().await.ticket.to_vec();
        for chunk in chunks {
            let answer = put_chunk(&self.world, &ticket, &blob_name(chunk), 0, chunk).await;
            assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
        }
    }

    /// A pack of one chunk, taken by the relay.
    async fn pack(&mut self, byte: u8) -> BlobName {
        let chunks = vec![chunk(byte)];
        self.upload(&chunks).await;
        let manifest = self.manifest(&chunks).await;
        let put = put_pack(&mut self.socket, &manifest).await;
        put.expect("a whole pack is taken");
        blob_name(&manifest)
    }

    async fn order(&mut self, by: &Person, order: Order, pack: BlobName) -> Vec<u8> {
        ControlOrder {
            order,
            relay_epoch: self.relay_epoch().await,
            stream: self.calendar.main(),
            device: by.device,
            pack,
        }
        .sign(by)
    }
}

fn chunk(byte: u8) -> Vec<u8> {
    vec![byte; PACK_CHUNK_BYTES]
}

fn manifest_of(by: &Person, address: PackAddress, chunks: &[Vec<u8>]) -> Vec<u8> {
    let content = chunks.len() * PACK_CHUNK_CONTENT_BYTES;
    let manifest = Manifest {
        address,
        content_bytes: u64::try_from(content).expect("small"),
        chunks: chunks.iter().map(|chunk| blob_name(chunk)).collect(),
    };
    manifest.sign(by).expect("it is in order")
}

async fn packs_of(socket: &mut Socket, calendar: &Calendar) -> Packs {
    let request = socket.request();
    let stream = calendar.main();
    socket.send(PackGet { request, stream }).await;
    match socket.receive().await {
        Message::Packs(packs) => packs,
        other => panic!("no packs: {other:?}"),
    }
}

async fn put_pack(socket: &mut Socket, manifest: &[u8]) -> Result<(), Nack> {
    let request = socket.request();
    let manifest = ByteVec::from(manifest.to_vec());
    socket.send(PackPut { request, manifest }).await;
    socket.answer(request).await.map(|_| ())
}

async fn confirm(socket: &mut Socket, order: Vec<u8>) -> Result<(), Nack> {
    let request = socket.request();
    let order = ByteVec::from(order);
    socket.send(Confirm { request, order }).await;
    socket.answer(request).await.map(|_| ())
}

async fn drop_packed(socket: &mut Socket, order: Vec<u8>) -> Result<(), Nack> {
    let request = socket.request();
    let order = ByteVec::from(order);
    socket.send(Drop { request, order }).await;
    socket.answer(request).await.map(|_| ())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One request on a connection of its own; the answer's head, and its body.
async fn ask(world: &World, request: &str, body: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(world.relay.addr())
        .await
        .expect("it listens");
    let head = format!("{request}Host: relay\r\nConnection: close\r\n\r\n");
    // A relay may refuse before it has read all.
    let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = answer.split_off(end.expect("an answer has a head") + 4);
    (String::from_utf8(answer).expect("a text"), body)
}

async fn put_chunk(
    world: &World,
    ticket: &[u8],
    name: &BlobName,
    offset: usize,
    bytes: &[u8],
) -> String {
    let (ticket, length) = (hex(ticket), bytes.len());
    let request = format!(
        "PUT /v1/pack/{name}?offset={offset} HTTP/1.1\r\nAuthorization: Bearer {ticket}\r\n\
         Content-Length: {length}\r\n"
    );
    ask(world, &request, bytes).await.0
}

async fn get_chunk(
    world: &World,
    ticket: &[u8],
    name: &BlobName,
    headers: &str,
) -> (String, Vec<u8>) {
    let ticket = hex(ticket);
    let request =
        format!("GET /v1/pack/{name} HTTP/1.1\r\nAuthorization: Bearer {ticket}\r\n{headers}");
    ask(world, &request, b"").await
}
