//! A whole calendar without a window.
