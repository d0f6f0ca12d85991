//! Sealed keys beside the logs.

mod put;
