//! What a calendar means: events, rules of time, .ics, and an event as an Automerge document.
