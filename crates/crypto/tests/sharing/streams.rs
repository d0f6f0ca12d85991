//! Both streams of a shared calendar, from an invite to a removal: who reads events, who reads busy
//! times, and who is called what.

use almanac_crypto::envelope;
use almanac_crypto::epoch::EpochKeys;
use almanac_crypto::invite::candidate;
use almanac_crypto::puk::PukSeeds;
use almanac_crypto::seal::open_epoch_box;
use almanac_protocol::counted::{ChangeNode, FrameNode, calendar_cuts, counted, counted_free_busy};
use almanac_protocol::envelope::{EnvelopeAddress, EnvelopeKind, FrameWithChanges};
use almanac_protocol::frame::{Frame, FrameType, STREAM_FREE_BUSY, STREAM_MAIN};
use almanac_protocol::free_busy::{BusyDay, BusySpan, BusyState, free_busy_body};
use almanac_protocol::ids::{FrameHash, Incarnation};
use almanac_protocol::membership::{MemberChange, Role};
use almanac_protocol::message::Stream;
use almanac_protocol::profile::{Profile, ProfileError, newer, verify_profile};
use almanac_protocol::signed::{Signed, Signer, Verified};

use super::joining::Scene;
use super::people::{Person, SeededRng, Shared};

/// The first frame of a person's device in one of the streams.
fn frame(shared: &Shared, person: &Person, frame_type: FrameType, body: Vec<u8>) -> Frame {
    let kind = if frame_type == FrameType::FreeBusy {
        STREAM_FREE_BUSY
    } else {
        STREAM_MAIN
    };
    Frame {
        frame_type,
        stream: Stream {
            calendar: shared.log.id(),
            kind,
        },
        author: person.keys.device_id(),
        incarnation: Incarnation::from_bytes([1; 8]),
        seq: 1,
        prev: FrameHash::from_bytes([0; 32]),
        calendar_view: shared.log.view(),
        account_view: person.log.view(),
        body,
    }
}

fn verified(frame: &Frame, person: &Person) -> Verified<Frame> {
    let bytes = frame.sign(&person.keys).unwrap();
    let signed = Signed::<Frame>::parse(&bytes).unwrap();
    signed.verify(&person.keys.verify_key()).unwrap()
}

/// What a person holds of the epoch in force, from its box.
fn keys(shared: &mut Shared, person: &Person) -> Option<EpochKeys> {
    let epoch = shared.log.epoch_now().section.epoch;
    let boxes = shared.boxes();
    let grant = boxes.iter().find_map(|record| {
        open_epoch_box(&shared.log, epoch, &person.id(), &person.puk, record).ok()
    })?;
    EpochKeys::open(&shared.log, epoch, grant).ok()
}

fn sealed(shared: &mut Shared, person: &Person, frame: &Frame) -> Vec<u8> {
    let kind = if frame.stream.kind == STREAM_FREE_BUSY {
        EnvelopeKind::FreeBusy
    } else {
        EnvelopeKind::Own
    };
    let address = EnvelopeAddress {
        kind,
        calendar: shared.log.id(),
        epoch: shared.log.epoch_now().section.epoch,
        device: frame.author,
        incarnation: frame.incarnation,
        first_seq: 1,
    };
    let keys = keys(shared, person).unwrap();
    let content = [FrameWithChanges {
        frame: frame.sign(&person.keys).unwrap(),
        changes: Vec::new(),
    }];
    envelope::seal(&mut SeededRng::new("stream"), &keys, &address, &content).unwrap()
}

fn profile(shared: &Shared, person: &Person, name: &str, counter: u64) -> Vec<u8> {
    let profile = Profile {
        calendar: shared.log.id(),
        account: person.id(),
        device: person.keys.device_id(),
        view: person.log.view(),
        counter,
        colour: [9, 9, 9],
        name: name.to_owned(),
    };
    profile.sign(&person.keys).unwrap()
}

fn busy() -> Vec<u8> {
    let span = BusySpan {
        start: 540,
        end: 600,
        state: BusyState::Busy,
    };
    free_busy_body(&[BusyDay::new(20_000, 1, &[span])]).unwrap()
}

#[test]
fn busy_times_open_for_every_role_and_events_for_readers() {
    let (ada, bob, fay) = (Person::new("ada"), Person::new("bob"), Person::new("fay"));
    let mut shared = Shared::new(&ada);
    shared.give(&ada, &bob, Some(Role::Viewer));
    shared.give(&ada, &fay, Some(Role::FreeBusy));
    let times = frame(&shared, &ada, FrameType::FreeBusy, busy());
    let name = profile(&shared, &ada, "Ada", 1);
    let name = frame(&shared, &ada, FrameType::Profile, name);
    let (times_sealed, name_sealed) = (
        sealed(&mut shared, &ada, &times),
        sealed(&mut shared, &ada, &name),
    );
    for (person, reads) in [(&ada, true), (&bob, true), (&fay, false)] {
        let keys = keys(&mut shared, person).unwrap();
        let (_, frames) = envelope::open(&keys, times.stream, &times_sealed).unwrap();
        assert_eq!(frames[0].frame, times.sign(&ada.keys).unwrap());
        let opened = envelope::open(&keys, name.stream, &name_sealed);
        assert_eq!(opened.is_ok(), reads);
        // Neither stands in for the other.
        assert!(envelope::open(&keys, name.stream, &times_sealed).is_err());
    }
    let node = FrameNode::new(&verified(&times, &ada), ada.id(), Vec::new());
    let frames = [node];
    let counts = counted_free_busy(&shared.log, &shared.accounts, &frames);
    assert_eq!(counts.len(), 1);
    assert_eq!(times.free_busy().unwrap()[0].spans.len(), 1);
}

#[test]
fn a_profile_is_of_one_person_in_one_calendar() {
    let (ada, bob) = (Person::new("ada"), Person::new("bob"));
    let mut shared = Shared::new(&ada);
    shared.give(&ada, &bob, Some(Role::Viewer));
    let read = |bytes: &[u8], shared: &Shared| {
        let signed = Signed::<Profile>::parse(bytes)?;
        verify_profile(signed, &shared.log.id(), &shared.accounts)
    };
    let first = read(&profile(&shared, &bob, "Bob", 1), &shared).unwrap();
    let second = read(&profile(&shared, &bob, "Robert", 2), &shared).unwrap();
    assert_eq!(newer(first, second).body().name, "Robert");
    let elsewhere = Shared::new(&bob);
    let other = read(&profile(&elsewhere, &bob, "Bob", 1), &shared);
    assert_eq!(other.err(), Some(ProfileError::OtherCalendar));
    // Ada calls Bob something else: she has not his key.
    let mut forged = Person::new("bob");
    forged.keys = Person::new("ada").keys;
    let other = read(&profile(&shared, &forged, "Fool", 9), &shared);
    assert_eq!(other.err(), Some(ProfileError::Signer));
    let stranger = Person::new("stranger");
    let other = read(&profile(&shared, &stranger, "Bob", 1), &shared);
    assert_eq!(other.err(), Some(ProfileError::Signer));
}

/// From the text of an invite to a removal, as the flows go together.
#[test]
fn a_guest_comes_writes_and_goes() {
    let Scene {
        ada,
        bob,
        mut shared,
        invite,
    } = Scene::new();
    let found = invite.found_in(&shared.log, 1).unwrap();
    assert_eq!(found.terms.role, Role::Editor);
    let acceptance = Scene::new().acceptance();
    let seeds = PukSeeds::open(&ada.log, ada.puk.clone()).unwrap();
    let owner = (&ada.id(), &seeds);
    let asks = candidate(&shared.log, &shared.accounts, owner, &acceptance, 1).unwrap();
    let change = MemberChange {
        account: asks.account,
        role: Some(asks.role),
        view: asks.view,
        invite: Some(asks.invite),
        cuts: Vec::new(),
        rotation: None,
    };
    let link = shared.log.change_member(&ada.keys, &ada.log, &change, 9);
    shared.take(link.unwrap());
    assert!(keys(&mut shared, &bob).is_some());

    let written = frame(&shared, &bob, FrameType::Changes, vec![0, 0]);
    let sealed = sealed(&mut shared, &bob, &written);
    let of_ada = keys(&mut shared, &ada).unwrap();
    assert!(envelope::open(&of_ada, written.stream, &sealed).is_ok());
    let node = |frame: &Frame, number: u8| {
        let change = ChangeNode {
            hash: super::counting::change(number),
            deps: Vec::new(),
        };
        FrameNode::new(&verified(frame, &bob), bob.id(), vec![change])
    };
    let mut frames = vec![node(&written, 1)];
    let now = counted(&shared.log, &shared.accounts, &frames);
    assert_eq!(now.changes.len(), 1);

    let cuts = calendar_cuts(&now, &frames, &bob.id());
    assert_eq!(cuts.len(), 1);
    let view = shared.log.view();
    shared.give_up_to(&ada, &bob, None, cuts);
    assert!(keys(&mut shared, &bob).is_none());
    let late = Frame {
        seq: 2,
        prev: frames[0].hash,
        calendar_view: view,
        ..written
    };
    frames.push(node(&late, 2));
    let after = counted(&shared.log, &shared.accounts, &frames);
    assert_eq!(after, now);
}
