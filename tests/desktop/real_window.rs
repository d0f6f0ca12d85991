//! Stories in the real window.

mod checks;
mod first_week;
mod second_device;
