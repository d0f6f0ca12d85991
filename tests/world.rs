//! The world of the stories: devices, a relay, and what stands between them.
