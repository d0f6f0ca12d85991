//! What an override says: taking over, applying, and leaving out what is said anyway.

use crate::event::{Event, Override, Split};
use crate::when::When;

/// Every field except the time.
macro_rules! each_field {
    ($with:ident) => {
        $with! {
            title notes place guests organizer reminders categories attachments status busy
            privacy color url conference geo task sequence stamped created modified unknown
        }
    };
}

impl Override {
    /// Takes over what another change says.
    pub fn take(&mut self, other: Self) {
        fn put<T>(into: &mut Option<T>, new: Option<T>) {
            if new.is_some() {
                *into = new;
            }
        }
        macro_rules! put {
            ($($field:ident)*) => {
                let Self { when, $($field),* } = other;
                $( put(&mut self.$field, $field); )*
                put(&mut self.when, when);
            };
        }
        each_field!(put);
    }

    /// Forgets what another change says, its time aside.
    pub(super) fn forget(&mut self, other: &Self) {
        macro_rules! forget {
            ($($field:ident)*) => { $(
                if other.$field.is_some() {
                    self.$field = None;
                }
            )* };
        }
        each_field!(forget);
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Drops what an event says anyway.
    pub(super) fn drop_same(&mut self, event: &Event) {
        let with = self.applied_to(event);
        macro_rules! drop_same {
            ($($field:ident)*) => { $(
                if with.$field == event.$field {
                    self.$field = None;
                }
            )* };
        }
        each_field!(drop_same);
        if is_same_time(&with.when, &event.when) {
            self.when = None;
        }
    }

    /// The event as it is with this change, splits and overrides left as they are.
    #[must_use]
    pub fn applied_to(&self, event: &Event) -> Event {
        fn put<T: Clone>(into: &mut T, new: Option<&T>) {
            if let Some(new) = new {
                into.clone_from(new);
            }
        }
        fn put_text(into: &mut Option<String>, new: Option<&String>) {
            if let Some(new) = new {
                *into = Some(new.clone()).filter(|text| !text.is_empty());
            }
        }
        let mut one = event.clone();
        put(&mut one.title, self.title.as_ref());
        put(&mut one.notes, self.notes.as_ref());
        put(&mut one.place, self.place.as_ref());
        put(&mut one.when, self.when.as_ref());
        put(&mut one.guests, self.guests.as_ref());
        put(&mut one.reminders, self.reminders.as_ref());
        put(&mut one.categories, self.categories.as_ref());
        put(&mut one.attachments, self.attachments.as_ref());
        put(&mut one.status, self.status.as_ref());
        put(&mut one.busy, self.busy.as_ref());
        put(&mut one.privacy, self.privacy.as_ref());
        put(&mut one.sequence, self.sequence.as_ref());
        put(&mut one.unknown, self.unknown.as_ref());
        put_text(&mut one.color, self.color.as_ref());
        put_text(&mut one.url, self.url.as_ref());
        put_text(&mut one.conference, self.conference.as_ref());
        put_text(&mut one.geo, self.geo.as_ref());
        if let Some(organizer) = &self.organizer {
            one.organizer = Some(organizer.clone()).filter(|one| !one.address.is_empty());
        }
        one.stamped = self.stamped.or(one.stamped);
        one.created = self.created.or(one.created);
        one.modified = self.modified.or(one.modified);
        if self.task.is_some() {
            one.task.clone_from(&self.task);
        }
        one
    }
}

impl Split {
    /// Takes over what another split says.
    pub(crate) fn take(&mut self, other: Self) {
        self.change.take(other.change);
        if other.rules.is_some() {
            self.rules = other.rules;
        }
    }
}

/// Whether two times are the same to a person, however their ends are written.
pub(super) fn is_same_time(one: &When, other: &When) -> bool {
    let end_zone = |when: &When| match when {
        When::Zoned {
            end: crate::when::End::At { zone, .. },
            ..
        } => zone.clone(),
        When::Zoned { .. } | When::AllDay { .. } | When::Floating { .. } => None,
    };
    let utc = crate::zone::Zone::utc();
    one.original() == other.original()
        && one.zone() == other.zone()
        && one.span(&utc) == other.span(&utc)
        && end_zone(one) == end_zone(other)
}
