//! What counts when people are removed, come back, lie or are impersonated: rows 30 and 31.

use almanac_protocol::chain::Author;
use almanac_protocol::counted::{
    ChangeNode, Counted, FrameNode, account_cuts, counted, counted_free_busy, sort_account_cuts,
};
use almanac_protocol::ids::{CalendarId, ChangeHash, DeviceId, FrameHash, Incarnation};
use almanac_protocol::membership::{AccountCut, CalendarCut, Role, cut_tag};
use almanac_protocol::message::ChainHead;

use super::people::{Person, Shared};

pub(crate) fn change(number: u8) -> ChangeHash {
    ChangeHash::from_bytes([number; 32])
}

/// One life of a device that writes frames, each with one change.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) author: Author,
    account: almanac_protocol::ids::AccountId,
    pub(crate) head: ChainHead,
}

impl Writer {
    pub(crate) fn new(person: &Person, device: DeviceId, life: u8) -> Self {
        Self {
            author: Author {
                device,
                incarnation: Incarnation::from_bytes([life; 8]),
            },
            account: person.id(),
            head: ChainHead {
                seq: 0,
                hash: FrameHash::from_bytes([0; 32]),
            },
        }
    }

    /// The next frame, quoting link `calendar_seq` and the account's link `account_seq`.
    pub(crate) fn write(
        &mut self,
        calendar_seq: u64,
        account_seq: u64,
        hash: ChangeHash,
        deps: &[ChangeHash],
    ) -> FrameNode {
        let mut content = blake3::Hasher::new();
        content.update(self.author.device.as_bytes());
        content.update(self.author.incarnation.as_bytes());
        content.update(self.head.hash.as_bytes());
        content.update(&self.head.seq.to_be_bytes());
        content.update(hash.as_bytes());
        let frame = FrameNode {
            author: self.author,
            account: self.account,
            seq: self.head.seq + 1,
            hash: FrameHash::from_bytes(*content.finalize().as_bytes()),
            prev: self.head.hash,
            calendar_seq,
            account_seq,
            changes: vec![ChangeNode {
                hash,
                deps: deps.to_vec(),
            }],
        };
        self.head = ChainHead {
            seq: frame.seq,
            hash: frame.hash,
        };
        frame
    }

    pub(crate) fn cut(&self) -> CalendarCut {
        CalendarCut {
            device: self.author.device,
            incarnation: self.author.incarnation,
            head: self.head,
        }
    }
}

/// Ada owns the calendar; Bob and Carol are editors.
struct Scene {
    ada: Person,
    bob: Person,
    carol: Person,
    shared: Shared,
    by_ada: Writer,
    by_bob: Writer,
    by_carol: Writer,
}

impl Scene {
    fn new() -> Self {
        let (ada, bob, carol) = (Person::new("ada"), Person::new("bob"), Person::new("carol"));
        let mut shared = Shared::new(&ada);
        shared.give(&ada, &bob, Some(Role::Editor));
        shared.give(&ada, &carol, Some(Role::Editor));
        let writer = |person: &Person| Writer::new(person, person.keys.device_id(), 1);
        Self {
            by_ada: writer(&ada),
            by_bob: writer(&bob),
            by_carol: writer(&carol),
            ada,
            bob,
            carol,
            shared,
        }
    }

    fn now(&self) -> u64 {
        self.shared.log.view().seq
    }

    fn counted(&self, frames: &[FrameNode]) -> Vec<u8> {
        let Counted { changes, .. } = counted(&self.shared.log, &self.shared.accounts, frames);
        changes.iter().map(|hash| hash.as_bytes()[0]).collect()
    }
}

#[test]
fn what_a_removed_member_writes_late_does_not_count_however_it_is_dated() {
    let mut scene = Scene::new();
    let before = scene.now();
    let mut frames = vec![
        scene.by_ada.write(before, 0, change(1), &[]),
        scene.by_bob.write(before, 0, change(2), &[change(1)]),
    ];
    let cut = scene.by_bob.cut();
    let (ada, bob) = (&scene.ada, &scene.bob);
    scene.shared.give_up_to(ada, bob, None, vec![cut]);
    let after = scene.now();
    // Dated back, honestly dated, in the same life and in one that nobody has heard of.
    let mut hidden = Writer::new(&scene.bob, scene.bob.keys.device_id(), 9);
    frames.push(scene.by_bob.write(before, 0, change(3), &[change(2)]));
    frames.push(scene.by_bob.write(after, 0, change(4), &[change(2)]));
    frames.push(hidden.write(before, 0, change(5), &[change(1)]));
    // A life that begins with an honest date and goes on with an earlier one.
    let mut late = Writer::new(&scene.bob, scene.bob.keys.device_id(), 8);
    frames.push(late.write(after, 0, change(7), &[change(1)]));
    frames.push(late.write(before, 0, change(8), &[change(1)]));
    assert_eq!(scene.counted(&frames), vec![1, 2]);
    // What Carol had built on his late edit before she heard of it stays, with what it needs.
    frames.push(scene.by_carol.write(before, 0, change(6), &[change(3)]));
    assert_eq!(scene.counted(&frames), vec![1, 2, 3, 6]);
    // And it stays when she is removed herself, her work acknowledged.
    let cut = scene.by_carol.cut();
    let (ada, carol) = (&scene.ada, &scene.carol);
    scene.shared.give_up_to(ada, carol, None, vec![cut]);
    assert_eq!(scene.counted(&frames), vec![1, 2, 3, 6]);
}

#[test]
fn a_cut_that_lists_nothing_leaves_nothing() {
    let mut scene = Scene::new();
    let now = scene.now();
    let frames = [scene.by_bob.write(now, 0, change(2), &[])];
    assert_eq!(scene.counted(&frames), vec![2]);
    let (ada, bob) = (&scene.ada, &scene.bob);
    scene.shared.give(ada, bob, Some(Role::Viewer));
    assert!(scene.counted(&frames).is_empty());
}

#[test]
fn who_comes_back_begins_a_new_life() {
    let mut scene = Scene::new();
    let now = scene.now();
    let mut frames = vec![scene.by_bob.write(now, 0, change(1), &[])];
    let cut = scene.by_bob.cut();
    let (ada, bob) = (&scene.ada, &scene.bob);
    scene.shared.give_up_to(ada, bob, None, vec![cut]);
    scene.shared.give(ada, bob, Some(Role::Editor));
    let back = scene.now();
    let mut again = Writer::new(&scene.bob, scene.bob.keys.device_id(), 2);
    frames.push(scene.by_bob.write(back, 0, change(2), &[change(1)]));
    frames.push(again.write(back, 0, change(3), &[change(1)]));
    assert_eq!(scene.counted(&frames), vec![1, 3]);
}

/// The first link after a life began speaks of it, and no later one.
#[test]
fn a_life_that_was_left_out_is_not_taken_up_again() {
    let mut scene = Scene::new();
    let now = scene.now();
    let frames = [scene.by_bob.write(now, 0, change(1), &[])];
    let (ada, bob) = (&scene.ada, &scene.bob);
    scene.shared.give(ada, bob, None);
    scene.shared.give(ada, bob, Some(Role::Editor));
    let cut = scene.by_bob.cut();
    scene.shared.give_up_to(ada, bob, None, vec![cut]);
    assert!(scene.counted(&frames).is_empty());
}

#[test]
fn a_chain_counts_up_to_its_cut_when_it_is_whole() {
    let mut scene = Scene::new();
    let now = scene.now();
    let frames: Vec<_> = (1..=3)
        .map(|number| scene.by_bob.write(now, 0, change(number), &[]))
        .collect();
    let cut = scene.by_bob.cut();
    let (ada, bob) = (&scene.ada, &scene.bob);
    scene.shared.give_up_to(ada, bob, None, vec![cut]);
    assert_eq!(scene.counted(&frames), vec![1, 2, 3]);
    assert!(scene.counted(&frames[1..]).is_empty());
    assert!(scene.counted(&frames[..2]).is_empty());
    let gap = [frames[0].clone(), frames[2].clone()];
    assert!(scene.counted(&gap).is_empty());
}

#[test]
fn readers_and_strangers_write_nothing_that_counts() {
    let mut scene = Scene::new();
    let dora = Person::new("dora");
    for role in [Some(Role::Viewer), Some(Role::FreeBusy), None] {
        if scene.shared.log.role(&dora.id()) != role {
            let ada = &scene.ada;
            scene.shared.give(ada, &dora, role);
        }
        let mut by_dora = Writer::new(&dora, dora.keys.device_id(), 1);
        let frame = by_dora.write(scene.now(), 0, change(1), &[]);
        assert!(
            scene.counted(std::slice::from_ref(&frame)).is_empty(),
            "{role:?}"
        );
    }
    // A device that is no device of the account, and a view that nobody has.
    let mut forged = Writer::new(&scene.bob, dora.keys.device_id(), 1);
    let frame = forged.write(scene.now(), 0, change(1), &[]);
    assert!(scene.counted(&[frame]).is_empty());
    let beyond = scene.now() + 1;
    let frame = scene.by_bob.write(beyond, 0, change(1), &[]);
    assert!(scene.counted(&[frame]).is_empty());
}

#[test]
fn a_revoked_device_counts_up_to_its_cut() {
    let mut scene = Scene::new();
    let stolen = scene.bob.add_device();
    scene.shared.meet(&scene.bob);
    let now = scene.now();
    let mut by_stolen = Writer::new(&scene.bob, stolen.device_id(), 1);
    let mut frames = vec![by_stolen.write(now, 1, change(1), &[])];
    let cut = AccountCut {
        tag: cut_tag(&scene.shared.log.id(), &stolen.device_id()),
        incarnation: by_stolen.author.incarnation,
        head: by_stolen.head,
    };
    let found = counted(&scene.shared.log, &scene.shared.accounts, &frames);
    let id = scene.shared.log.id();
    let mut cuts = account_cuts(&id, &found, &frames, &stolen.device_id());
    assert_eq!(cuts, vec![cut]);
    let elsewhere = AccountCut {
        tag: cut_tag(&CalendarId::from_bytes([1; 32]), &stolen.device_id()),
        ..cut
    };
    cuts.extend([elsewhere]);
    sort_account_cuts(&mut cuts);
    scene.bob.revoke_up_to(&stolen, cuts);
    scene.shared.meet(&scene.bob);
    let mut hidden = Writer::new(&scene.bob, stolen.device_id(), 2);
    frames.push(by_stolen.write(now, 1, change(2), &[change(1)]));
    frames.push(hidden.write(now, 1, change(3), &[change(1)]));
    frames.push(scene.by_bob.write(now, 2, change(4), &[change(1)]));
    assert_eq!(scene.counted(&frames), vec![1, 4]);
}

/// The calendar's owner has acknowledged more of a device than its own account does afterwards, or
/// than the account had before: the shorter counts.
#[test]
fn a_device_that_was_cut_and_revoked_counts_up_to_the_earlier_end() {
    for (is_listed, expected) in [(true, vec![1]), (false, Vec::new())] {
        let mut scene = Scene::new();
        let stolen = scene.bob.add_device();
        scene.shared.meet(&scene.bob);
        let now = scene.now();
        let mut by_stolen = Writer::new(&scene.bob, stolen.device_id(), 1);
        let first = by_stolen.write(now, 1, change(1), &[]);
        let after_first = by_stolen.head;
        let frames = [first, by_stolen.write(now, 1, change(2), &[change(1)])];
        let cut = by_stolen.cut();
        let (ada, bob) = (&scene.ada, &scene.bob);
        scene.shared.give_up_to(ada, bob, None, vec![cut]);
        assert_eq!(scene.counted(&frames), vec![1, 2]);
        let own = AccountCut {
            tag: cut_tag(&scene.shared.log.id(), &stolen.device_id()),
            incarnation: cut.incarnation,
            head: after_first,
        };
        let cuts = is_listed.then_some(own).into_iter().collect();
        scene.bob.revoke_up_to(&stolen, cuts);
        scene.shared.meet(&scene.bob);
        assert_eq!(scene.counted(&frames), expected);
    }
}

#[test]
fn a_device_that_contradicts_itself_counts_up_to_there() {
    let mut scene = Scene::new();
    let now = scene.now();
    let first = scene.by_bob.write(now, 0, change(1), &[]);
    let mut other = scene.by_bob.clone();
    let here = scene.by_bob.write(now, 0, change(2), &[change(1)]);
    let there = other.write(now, 0, change(3), &[change(1)]);
    let frames = [first.clone(), here.clone()];
    assert_eq!(scene.counted(&frames), vec![1, 2]);
    let mut frames = vec![first, here.clone(), there.clone()];
    assert_eq!(scene.counted(&frames), vec![1]);
    // Ada has built on one branch, Carol on the other: the lower hash stays, and what it carries.
    frames.push(scene.by_ada.write(now, 0, change(4), &[change(2)]));
    assert_eq!(scene.counted(&frames), vec![1, 2, 4]);
    frames.push(scene.by_carol.write(now, 0, change(5), &[change(3)]));
    let expected = if here.hash < there.hash {
        vec![1, 2, 4]
    } else {
        vec![1, 3, 5]
    };
    assert_eq!(scene.counted(&frames), expected);
}

#[test]
fn a_cut_settles_a_contradiction_for_good() {
    let mut scene = Scene::new();
    let now = scene.now();
    let first = scene.by_bob.write(now, 0, change(1), &[]);
    let mut other = scene.by_bob.clone();
    let here = scene.by_bob.write(now, 0, change(2), &[change(1)]);
    let cut = scene.by_bob.cut();
    let (ada, bob) = (&scene.ada, &scene.bob);
    scene.shared.give_up_to(ada, bob, None, vec![cut]);
    let mut frames = vec![first, here];
    assert_eq!(scene.counted(&frames), vec![1, 2]);
    // Bob unsays his past once he was removed: nothing changes.
    frames.push(other.write(now, 0, change(3), &[change(1)]));
    assert_eq!(scene.counted(&frames), vec![1, 2]);
    // Nor with another first frame.
    let mut denied = Writer::new(&scene.bob, scene.bob.keys.device_id(), 1);
    frames.push(denied.write(0, 0, change(4), &[]));
    assert_eq!(scene.counted(&frames), vec![1, 2]);
    // A replica that is shown only the other branch takes none of it.
    let shown = [frames[0].clone(), frames[2].clone()];
    assert!(scene.counted(&shown).is_empty());
}

#[test]
fn busy_times_end_with_the_right_to_write() {
    let mut scene = Scene::new();
    let now = scene.now();
    let frame = scene.by_bob.write(now, 0, change(1), &[]);
    let counts = |scene: &Scene, frame: &FrameNode| {
        let frames = std::slice::from_ref(frame);
        let counted = counted_free_busy(&scene.shared.log, &scene.shared.accounts, frames);
        counted.contains(&frame.hash)
    };
    assert!(counts(&scene, &frame));
    let cut = scene.by_bob.cut();
    let (ada, bob) = (&scene.ada, &scene.bob);
    scene
        .shared
        .give_up_to(ada, bob, Some(Role::Viewer), vec![cut]);
    assert!(!counts(&scene, &frame));
    let frame = scene.by_carol.write(now, 0, change(1), &[]);
    assert!(counts(&scene, &frame));
    let stolen = scene.carol.add_device();
    scene.shared.meet(&scene.carol);
    let mut by_stolen = Writer::new(&scene.carol, stolen.device_id(), 1);
    let frame = by_stolen.write(now, 1, change(2), &[]);
    assert!(counts(&scene, &frame));
    scene.carol.revoke(&stolen);
    scene.shared.meet(&scene.carol);
    assert!(!counts(&scene, &frame));
}
