//! What became of an event: every change with who made it, when, and what it wrote; and the event
//! as it stood after any of them.
//!
//! Read from the operations of the changes, one after the other: a value's predecessor is named by
//! the operation that replaces it. Texts alone are read from the document as it stood, and only
//! where a change touched them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use automerge::legacy::{Key, ObjectId, OpId, OpType};
use automerge::{Automerge, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc};

use super::flat::{TEXTS, text_of};
use super::names::NAMES;
use super::stamp::actor;
use super::{Fault, empty, guarded, read};
use crate::event::Event;

/// One change of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The device that made it, by the name it writes under.
    pub actor: [u8; 16],
    /// Unix seconds by that device's clock; zero says nothing.
    pub time: i64,
    /// Names the change, for [`at`].
    pub hash: [u8; 32],
    /// What it wrote, by name.
    pub fields: Vec<FieldChange>,
}

/// One field before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Named as [`super::Conflict::field`].
    pub field: String,
    /// What whoever wrote it saw there, as JSON text; of several at once, the one shown to them.
    pub old: Option<String>,
    /// What it became, as JSON text; `None` where it was taken away.
    pub new: Option<String>,
}

/// Everything that became of an event, the oldest first.
///
/// A change comes after all that its author knew of; of two that nobody knew both of, the one
/// with the earlier time comes first, so that every device tells the same story. Empty where the
/// document was made to do harm.
#[must_use]
pub fn history(doc: &Automerge) -> Vec<Edit> {
    guarded(|| Ok(Walk::through(doc))).unwrap_or_default()
}

/// The event as it stood after a change, as far as its author knew it.
///
/// To bring it back, make it the event's next edit: [`super::edit`].
///
/// # Errors
///
/// [`Fault::NoSuchChange`] where the document has no such change, [`Fault::NotAnEvent`] where it
/// was no whole event then.
pub fn at(doc: &Automerge, hash: [u8; 32]) -> Result<Event, Fault> {
    guarded(|| {
        let hash = ChangeHash(hash);
        let mut known = BTreeSet::from([hash]);
        let mut past = Vec::new();
        for change in doc.get_changes(&[]).into_iter().rev() {
            if known.contains(&change.hash()) {
                known.extend(change.deps());
                past.push(change);
            }
        }
        if past.is_empty() {
            return Err(Fault::NoSuchChange);
        }
        past.reverse();
        let mut then = empty();
        then.apply_changes(past).map_err(Fault::DoesNotFit)?;
        read(&then)
    })
}

/// A text after a change: which change touched it last, and what it says.
type TextAt = (ChangeHash, Arc<str>);

/// A walk through the changes, in order.
struct Walk<'a> {
    doc: &'a Automerge,
    /// The objects of the texts.
    texts: Vec<(&'static str, ObjId)>,
    /// What each operation wrote at the root.
    written: HashMap<OpId, String>,
    /// Which text an object is.
    objects: HashMap<OpId, &'static str>,
    /// The texts after each change that another one still builds on.
    after: HashMap<ChangeHash, BTreeMap<&'static str, TextAt>>,
    /// How many changes not yet walked through build on each.
    awaited: HashMap<ChangeHash, usize>,
}

impl<'a> Walk<'a> {
    fn through(doc: &'a Automerge) -> Vec<Edit> {
        let object = |name: &'static str| {
            let (value, id) = doc.get(ROOT, name).ok()??;
            if value.is_object() {
                Some((name, id))
            } else {
                None
            }
        };
        let mut walk = Self {
            doc,
            texts: TEXTS.into_iter().filter_map(object).collect(),
            written: HashMap::new(),
            objects: HashMap::new(),
            after: HashMap::new(),
            awaited: HashMap::new(),
        };
        let changes = in_order(doc.get_changes(&[]));
        for dep in changes.iter().flat_map(Change::deps) {
            *walk.awaited.entry(*dep).or_default() += 1;
        }
        changes.iter().map(|change| walk.edit(change)).collect()
    }

    fn edit(&mut self, change: &Change) -> Edit {
        let mut fields = BTreeMap::new();
        let mut touched = BTreeSet::new();
        let start = change.start_op().get();
        for (number, op) in (start..).zip(change.decode().operations) {
            let id = OpId::new(number, change.actor_id());
            match (&op.obj, op.key) {
                (ObjectId::Id(object), _) => {
                    touched.extend(self.objects.get(object));
                }
                (ObjectId::Root, Key::Map(name)) => {
                    let known = TEXTS.into_iter().find(|text| *text == name);
                    if let (OpType::Make(ObjType::Text), Some(text)) = (&op.action, known) {
                        self.objects.insert(id, text);
                        touched.insert(text);
                        continue;
                    }
                    let shown = op.pred.iter().max();
                    let old = shown.and_then(|id| self.written.get(id)).cloned();
                    let new = match op.action {
                        OpType::Put(value) => value.as_str().map(str::to_owned),
                        OpType::Make(_)
                        | OpType::Delete
                        | OpType::Increment(_)
                        | OpType::MarkBegin(_)
                        | OpType::MarkEnd(_) => None,
                    };
                    if let Some(new) = &new {
                        self.written.insert(id, new.clone());
                    }
                    let field = fields.entry(name.to_string()).or_insert((old, None));
                    field.1 = new;
                }
                (ObjectId::Root, Key::Seq(_)) => {}
            }
        }
        self.text_changes(change, &touched, &mut fields);
        let changed = fields
            .into_iter()
            .filter(|(name, (old, new))| name != NAMES && old != new);
        Edit {
            actor: actor(change.actor_id().to_bytes()),
            time: change.timestamp(),
            hash: change.hash().0,
            fields: changed
                .map(|(field, (old, new))| FieldChange { field, old, new })
                .collect(),
        }
    }

    /// Adds the texts that a change touched, and keeps how they stand after it.
    fn text_changes(
        &mut self,
        change: &Change,
        touched: &BTreeSet<&'static str>,
        fields: &mut BTreeMap<String, (Option<String>, Option<String>)>,
    ) {
        let mut after = BTreeMap::new();
        for (name, id) in &self.texts {
            let before = self.text_before(change, name, id);
            let text = if touched.contains(name) {
                let hash = change.hash();
                let text: Arc<str> = text_of(self.doc, id, Some(&[hash])).into();
                let old = before.as_ref().map(|(_, text)| json_text(text));
                let is_said = old.is_some() || !text.is_empty();
                if is_said {
                    fields.insert((*name).to_owned(), (old, Some(json_text(&text))));
                }
                Some((hash, text))
            } else {
                before
            };
            after.extend(text.map(|text| (*name, text)));
        }
        if self.awaited.contains_key(&change.hash()) {
            self.after.insert(change.hash(), after);
        }
        for dep in change.deps() {
            let left = self.awaited.get_mut(dep);
            if left.is_some_and(|left| {
                *left = left.saturating_sub(1);
                *left == 0
            }) {
                self.after.remove(dep);
            }
        }
    }

    /// A text as it stood before a change.
    fn text_before(&self, change: &Change, name: &str, id: &ObjId) -> Option<TextAt> {
        let deps = change.deps();
        let mut all = deps.iter().filter_map(|dep| self.after.get(dep)?.get(name));
        let first = all.next()?;
        if all.all(|(touched, _)| *touched == first.0) {
            return Some(first.clone());
        }
        // Two that nobody knew both of are put together here.
        Some((change.hash(), text_of(self.doc, id, Some(deps)).into()))
    }
}

/// Changes in the order of what each knew of, then of time.
fn in_order(changes: Vec<Change>) -> Vec<Change> {
    let mut waits: HashMap<ChangeHash, usize> = HashMap::new();
    let mut next: HashMap<ChangeHash, Vec<ChangeHash>> = HashMap::new();
    let mut ready = BTreeSet::new();
    let mut by_hash = HashMap::new();
    for change in changes {
        let hash = change.hash();
        waits.insert(hash, change.deps().len());
        if change.deps().is_empty() {
            ready.insert((change.timestamp(), hash));
        }
        for dep in change.deps() {
            next.entry(*dep).or_default().push(hash);
        }
        by_hash.insert(hash, change);
    }
    let mut ordered = Vec::with_capacity(by_hash.len());
    while let Some((_, hash)) = ready.pop_first() {
        for later in next.remove(&hash).unwrap_or_default() {
            let Some(left) = waits.get_mut(&later) else {
                continue;
            };
            *left = left.saturating_sub(1);
            if let (0, Some(change)) = (*left, by_hash.get(&later)) {
                ready.insert((change.timestamp(), later));
            }
        }
        ordered.extend(by_hash.remove(&hash));
    }
    ordered
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
