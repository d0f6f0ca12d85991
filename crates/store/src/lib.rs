//! The client's SQLCipher database.
