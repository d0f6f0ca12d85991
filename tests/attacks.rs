//! Attacks on protocol and crypto, one for each row of the threat model's table that needs no
//! network. Each is carried out as the attacker would; the number is that of the row.

#[cfg(test)]
#[path = "attacks/cast.rs"]
mod cast;
#[cfg(test)]
#[path = "attacks/malformed.rs"]
mod malformed;
#[cfg(test)]
#[path = "attacks/on_changes.rs"]
mod on_changes;
#[cfg(test)]
#[path = "attacks/on_secrets.rs"]
mod on_secrets;
#[cfg(test)]
#[path = "attacks/on_streams.rs"]
mod on_streams;
