//! Stories in the real window.

mod checks;
mod first_week;
mod linking;
mod lock;
mod months;
mod second_device;
mod sharing;
mod views;
