//! What crosses a trust boundary: ids, layouts, messages, and the state machines that speak them.
//!
//! Linked by two programs that are upgraded at different times: `docs/protocol.md` is the contract.
//! Pure: no clock, no input or output, no randomness, no secret.

pub mod ids;
pub mod limits;
pub mod message;
