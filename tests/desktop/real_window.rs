//! Stories in the real window.

mod checks;
mod first_week;
mod lock;
mod second_device;
