//! What crosses a trust boundary: ids, layouts, messages, and the state machines that speak them.
//!
//! Linked by two programs that are upgraded at different times: `docs/protocol.md` is the contract.
//! Pure: no clock, no input or output, no randomness, no secret.

pub mod actor;
pub mod anchor;
pub mod auth;
pub mod backoff;
pub mod backup;
pub mod boxes;
pub mod chain;
pub mod codec;
pub mod codes;
pub mod counted;
pub mod defence;
pub mod envelope;
pub mod erasure;
pub mod frame;
pub mod free_busy;
pub mod heads;
pub mod ids;
pub mod join;
pub mod label;
pub mod limits;
pub mod membership;
pub mod message;
pub mod pack;
pub mod profile;
pub mod relay_chain;
pub mod safety_number;
pub mod second_factor;
pub mod session;
pub mod signed;
pub mod voucher;
