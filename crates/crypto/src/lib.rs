//! Secrets: keys, sealing, epochs, linking, and the slot that guards the database key.
