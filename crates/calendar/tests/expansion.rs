//! What a rule of recurrence means: one small case of our own for every class that engines get
//! wrong, and a slow reference that walks every day or second and tests the rule's words.

#[cfg(test)]
mod expansion {
    mod bounded;
    mod cases;
    mod files;
    mod properties;
    mod reference;
    mod rules;
    mod series;
    mod zones;
}
