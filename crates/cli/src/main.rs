//! `almanac`, the headless client.
fn main() {}
