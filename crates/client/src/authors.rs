//! Who wrote a change: from the name under which a device writes to what its person calls it.
//!
//! A change names its author by sixteen bytes that belong to one device in one life and one
//! calendar ([`almanac_protocol::actor`]). They are computed anew for every device whose frames
//! are here, and compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use almanac_protocol::actor::actor;
use almanac_protocol::frame::{Frame, FrameType, ListedChange};
use almanac_protocol::ids::{AccountId, CalendarId, DeviceId, DocumentId, Incarnation};
use almanac_protocol::signed::Signed;
use almanac_store::Transaction;
use serde::Serialize;
use ts_rs::TS;

use crate::client::Identity;
use crate::error::Result;
use crate::replica::logs::{self, People};
use crate::replica::{documents, profiles};
use crate::view::DeviceView;

/// The devices that wrote in one calendar, by the name they write under.
#[derive(Debug)]
pub(crate) struct Authors {
    own: AccountId,
    calendar: CalendarId,
    people: Arc<People>,
    authors: BTreeMap<[u8; 16], Author>,
}

/// One life of a device.
#[derive(Debug)]
struct Author {
    device: DeviceId,
    incarnation: Incarnation,
    view: DeviceView,
}

/// Whether it is proven who wrote a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SignatureView {
    /// The device signed it; that was checked at this moment.
    Holds,
    /// What the device signed is not here, or does not hold: the name is what the change says.
    Missing,
}

impl Authors {
    /// Everyone whose frames in this calendar are here.
    pub(crate) fn of(
        tx: &Transaction<'_>,
        identity: &Identity,
        calendar: CalendarId,
    ) -> Result<Self> {
        let named = documents::private(tx, identity.private)?.devices;
        let (_, people) = logs::judged(tx, identity, calendar)?;
        let names = profiles::names(tx, calendar)?;
        // Devices of others go by how their person is called here.
        let called = |device: &DeviceId| {
            let (account, _) = people.device(device)?;
            names.get(&account.id()).cloned()
        };
        let mut authors = BTreeMap::new();
        for (device, incarnation) in tx.authors(calendar)? {
            let id = device.to_string();
            let view = DeviceView {
                name: named
                    .get(&id)
                    .map(|device| device.name.clone())
                    .or_else(|| called(&device))
                    .unwrap_or_default(),
                this: device == identity.device,
                id,
            };
            let author = Author {
                device,
                incarnation,
                view,
            };
            authors.insert(actor(&calendar, &device, &incarnation), author);
        }
        Ok(Self {
            own: identity.account,
            calendar,
            people,
            authors,
        })
    }

    /// Who writes under this name; none for an author of whom no frame is here.
    pub(crate) fn device(&self, actor: &[u8; 16]) -> Option<&DeviceView> {
        self.authors.get(actor).map(|author| &author.view)
    }

    /// Whether somebody else than the person of this profile writes under this name; no for an author of
    /// whom no frame is here.
    pub(crate) fn is_other(&self, actor: &[u8]) -> bool {
        let author = <[u8; 16]>::try_from(actor).ok();
        let author = author.and_then(|actor| self.authors.get(&actor));
        let account = author.and_then(|author| self.people.device(&author.device));
        account.is_some_and(|(account, _)| account.id() != self.own)
    }

    /// Whether the author of a change has signed it: looks for the frame that lists it, and checks that
    /// frame's signature with what the log of its person says about the device.
    pub(crate) fn signature(
        &self,
        tx: &Transaction<'_>,
        document: DocumentId,
        (actor, change): (&[u8; 16], &[u8; 32]),
    ) -> Result<SignatureView> {
        let Some(Author {
            device,
            incarnation,
            ..
        }) = self.authors.get(actor)
        else {
            return Ok(SignatureView::Missing);
        };
        let frame = tx.frame_with(self.calendar, *device, *incarnation, change)?;
        let lists = |frame: &Frame| {
            let changes = frame.changes().unwrap_or_default();
            let is_it = |listed: &ListedChange| {
                listed.document == document && listed.hash.as_bytes() == change
            };
            frame.frame_type == FrameType::Changes && changes.iter().any(is_it)
        };
        let holds = frame.is_some_and(|row| {
            let signed = Signed::<Frame>::parse(&row.bytes).ok();
            let key = self
                .people
                .device(device)
                .map(|(_, device)| device.bundle.sign_key);
            let verified = signed
                .zip(key)
                .and_then(|(signed, key)| signed.verify(&key).ok());
            verified.is_some_and(|frame| lists(frame.body()))
        });
        Ok(if holds {
            SignatureView::Holds
        } else {
            SignatureView::Missing
        })
    }
}

#[cfg(test)]
mod tests {
    use super::SignatureView;
    use crate::client::Client;
    use crate::profile::Unlock;
    use crate::tasks::AddTask;

    #[test]
    fn a_change_without_its_signature_is_not_proven() {
        let folder = tempfile::tempdir().unwrap();
        let unlock = Unlock::passphrase("correct horse battery").with_memory_mib(64);
        let client = Client::create_profile(&folder.path().join("p"), "Ada", &unlock).unwrap();
        let task = AddTask {
            title: "Post the letter".into(),
            ..AddTask::default()
        };
        let event = client.add_task(task).unwrap().event.unwrap();
        let signature = || client.history(&event).unwrap()[0].signature;
        assert_eq!(signature(), SignatureView::Holds);
        let identity = client.identity();
        client
            .store(|tx| {
                let calendar = tx.calendars()?.into_iter().map(|row| row.id);
                let mut calendars = calendar.filter(|id| *id != identity.private);
                let frames = tx.waiting_frames(calendars.next().unwrap())?;
                for mut frame in frames {
                    tx.remove_frame(&frame)?;
                    let last = frame.bytes.last_mut().unwrap();
                    *last ^= 1;
                    tx.put_frame(&frame)?;
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(signature(), SignatureView::Missing);
    }
}
