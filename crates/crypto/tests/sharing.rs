//! Sharing with real keys: who is given what, who loses it, and what attackers get out of it. Rows
//! are those of the attack table in `docs/threat-model.md`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "everything here is a test: what does not hold must stop it"
)]

mod sharing {
    pub(crate) mod people;

    mod boxes;
    mod counting;
    mod orders;
    mod vectors;
}
