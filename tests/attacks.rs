//! Attacks, one for each row of the threat model's table. Each is carried out as the attacker would;
//! the number is that of the row. Those on protocol and crypto need no network; those on members are
//! carried out on real clients, over a real relay whose operator may be the attacker.

#[cfg(test)]
#[path = "attacks/at_random.rs"]
mod at_random;
#[cfg(test)]
#[path = "attacks/cast.rs"]
mod cast;
#[cfg(test)]
#[path = "attacks/cheat.rs"]
mod cheat;
#[cfg(test)]
#[path = "attacks/company.rs"]
mod company;
#[cfg(test)]
#[path = "attacks/evil_links.rs"]
mod evil_links;
#[cfg(test)]
#[path = "attacks/evil_relay.rs"]
mod evil_relay;
#[cfg(test)]
#[path = "attacks/evil_streams.rs"]
mod evil_streams;
#[cfg(test)]
#[path = "attacks/evil_words.rs"]
mod evil_words;
#[cfg(test)]
#[path = "attacks/in_company.rs"]
mod in_company;
#[cfg(test)]
#[path = "attacks/malformed.rs"]
mod malformed;
#[cfg(test)]
#[path = "attacks/on_changes.rs"]
mod on_changes;
#[cfg(test)]
#[path = "attacks/on_devices.rs"]
mod on_devices;
#[cfg(test)]
#[path = "attacks/on_free_busy.rs"]
mod on_free_busy;
#[cfg(test)]
#[path = "attacks/on_members.rs"]
mod on_members;
#[cfg(test)]
#[path = "attacks/on_programs.rs"]
mod on_programs;
#[cfg(test)]
#[path = "attacks/on_secrets.rs"]
mod on_secrets;
#[cfg(test)]
#[path = "attacks/on_streams.rs"]
mod on_streams;
#[cfg(test)]
#[path = "attacks/on_wraps.rs"]
mod on_wraps;
#[cfg(test)]
#[path = "attacks/stored.rs"]
mod stored;
#[cfg(test)]
#[path = "attacks/without.rs"]
mod without;
