//! Every limit of the protocol, with its unit and its reason. Checked before anything is allocated.

/// Bytes of one signed link. A calendar with a thousand members fits.
pub const LINK_BYTES_MAX: usize = 64 * 1024;
/// Devices of one account: a new key names them all, beside the cuts of the one that leaves.
pub const DEVICES_MAX: usize = 100;
/// Members of one calendar: a rotation names them all, and its link holds them.
pub const MEMBERS_MAX: usize = 1_000;
/// Bytes of a frame's body: one signed list of change hashes stays cheap to verify.
pub const FRAME_BODY_BYTES_MAX: usize = 512 * 1024;
/// Bytes of one envelope, header and tag included: fits a message together with its framing.
pub const ENVELOPE_BYTES_MAX: usize = 768 * 1024;
/// Bytes of one message of a connection: bounds what either side buffers.
pub const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the smallest padded plaintext: a short edit and a shorter one look alike.
pub const PADDING_FLOOR_BYTES: usize = 512;
/// Envelopes in one ENVELOPES message: a page of a stream.
pub const ENVELOPES_PER_MESSAGE_MAX: usize = 256;
/// Batches of one stream that may be sent and not yet acknowledged.
pub const BATCHES_IN_FLIGHT_MAX: usize = 4;
/// Operations in one Automerge change. A text is one operation per character, so this is also how
/// long all texts of an event may be together.
pub const OPERATIONS_PER_CHANGE_MAX: usize = 100_000;
/// Acceptances kept for one invite: a thief who is quicker does not keep the joiner out.
pub const ACCEPTANCES_PER_INVITE_MAX: usize = 8;
/// Acceptances in one JOINS message: half of what a message holds.
pub const ACCEPTANCES_PER_MESSAGE_MAX: usize = 256;
/// Milliseconds that a routing code waits for the new device.
pub const PAIRING_WAIT_MS_MAX: u64 = 5 * 60 * 1000;
/// Milliseconds between two signs of life on an idle connection.
pub const PING_INTERVAL_MS: u64 = 25_000;
/// Milliseconds without a sign of life after which a connection is given up.
pub const SILENCE_MS_MAX: u64 = 60_000;
/// Links in one answer to LINK_GET, as many as fit a message.
pub const LINKS_PER_MESSAGE_MAX: usize = 64;
/// Bytes of one payload between two devices that are being linked.
pub const PAIRING_PAYLOAD_BYTES_MAX: usize = 4 * 1024;
/// Streams in one SUB message.
pub const STREAMS_PER_MESSAGE_MAX: usize = 1_000;
/// Bytes of every chunk of a pack as it is stored: all are equal, so that their size says nothing.
pub const PACK_CHUNK_BYTES: usize = 256 * 1024;
/// Chunks of one pack: one gibibyte, millions of events.
pub const PACK_CHUNKS_MAX: usize = 4_096;
/// Bytes of one block of a pack's content before it is deflated: the largest item fits, and reading
/// a block never needs more memory than this.
pub const PACK_BLOCK_BYTES_MAX: usize = 1024 * 1024;
/// How many times larger a block may be than its deflated form. What shrinks more is stored as it
/// is, so a few bytes never stand for many.
pub const PACK_INFLATE_FACTOR_MAX: usize = 64;
/// Authors in a pack: devices in each of their lives.
pub const PACK_AUTHORS_MAX: usize = 10_000;
/// Milliseconds after its confirmation from which on a pack may stand in for the envelopes before
/// it: a device that was away for a month still reads on where it stopped.
pub const PACK_DROP_WAIT_MS: u64 = 30 * 24 * 60 * 60 * 1000;
/// Milliseconds for which a ticket for pack chunks is honoured.
pub const PACK_TICKET_MS: u64 = 15 * 60 * 1000;
