//! almanac-relay, the server that stores what it cannot read.
