//! Accounts: how they come to be, and how their devices enter.

mod enter;
mod erase;
mod register;
