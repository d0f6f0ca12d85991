//! Measures the calendar rules against cases that nobody here wrote.
//!
//! The cases stand beside the workspace, in `shared/corpus`, and are never copied into it. Where
//! that folder is absent each test says so and passes: the project's own cases are beside the code.

#[cfg(test)]
mod corpus {
    mod content;
    mod files;
    mod folder;
    mod recurrence;
    mod robust;
    mod round_trip;
    mod zones;
}
