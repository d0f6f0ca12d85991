//! What several of the measuring programs need: the calendar that is measured, devices that sync,
//! the control beside an edit, and what Linux counts of a process.

pub mod apart;
pub mod calendar_file;
pub mod commits;
pub mod cost;
pub mod devices;
pub mod line;
pub mod memory;
pub mod spread;
