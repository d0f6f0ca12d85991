//! The relay's session against a client and a database that are played by hand.
