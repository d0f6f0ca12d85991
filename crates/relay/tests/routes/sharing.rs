//! A calendar of several people: looking by an invite, asking, and what each role reaches.

mod guest;
mod join;
mod look;
mod member;
pub(crate) mod stage;
