//! Sharing with real keys: who is given what, who loses it, and what attackers get out of it. Rows
//! are those of the attack table in `docs/threat-model.md`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "everything here is a test: what does not hold must stop it"
)]

mod sharing {
    pub(crate) mod people;

    mod backups;
    mod boxes;
    mod contents;
    mod counting;
    mod erasing;
    mod foreign;
    mod joining;
    mod kits;
    mod orders;
    mod streams;
    mod vectors;
}
