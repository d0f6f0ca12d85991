//! `almanac-relay`.
fn main() {}
