//! RECOVER, FACTOR_PASS, FACTOR_SET, RECOVERY_APPROVE, and what stands before a link of an account.

mod factor;
mod kit;
mod revoked;
