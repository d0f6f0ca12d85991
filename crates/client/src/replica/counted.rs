//! Which changes of a document count once a life of an author was cut (security.md §2.6).
//!
//! A pure function of what is stored, so that the order of arrival decides nothing. *Base* is what was
//! signed where its author had not been cut; what base depends on counts too. Where others built on
//! both frames that an author signed under one number, one document would hold two changes with one
//! number of one actor, which it cannot: of those the one with the lower hash counts, the lowest number
//! first, and whatever depends on the other is left out.

use std::collections::{BTreeMap, BTreeSet};

use almanac_crypto::gate;
use almanac_protocol::ids::ChangeHash;
use almanac_store::{CountedChange, Counting};

/// The changes of a document that count, and some more with what they depend on.
pub(crate) fn with(
    all: &[CountedChange],
    more: impl IntoIterator<Item = ChangeHash>,
) -> Vec<(ChangeHash, Vec<u8>)> {
    let more = Dependencies::of(all).closure(more);
    let wanted = |change: &&CountedChange| change.counting.counts() || more.contains(&change.hash);
    let wanted = all.iter().filter(wanted);
    wanted
        .map(|change| (change.hash, change.bytes.clone()))
        .collect()
}

/// The changes of one document and how they depend on each other.
pub(super) struct Dependencies<'a> {
    all: BTreeMap<ChangeHash, Entry<'a>>,
}

struct Entry<'a> {
    change: &'a CountedChange,
    /// Its number and its actor; `None` where it cannot be read.
    place: Option<(u64, Vec<u8>)>,
    deps: Vec<ChangeHash>,
}

impl<'a> Dependencies<'a> {
    pub(super) fn of(changes: &'a [CountedChange]) -> Self {
        let all = changes.iter().map(|change| {
            let decoded = gate::decode(&change.bytes).ok();
            let place = decoded
                .as_ref()
                .map(|decoded| (decoded.seq(), decoded.actor_id().to_bytes().to_vec()));
            let deps = decoded.iter().flat_map(|decoded| decoded.deps().to_vec());
            let deps = deps.map(|dep| ChangeHash::from_bytes(dep.0)).collect();
            (
                change.hash,
                Entry {
                    change,
                    place,
                    deps,
                },
            )
        });
        Self { all: all.collect() }
    }

    /// What each change is.
    pub(super) fn judge(&self) -> BTreeMap<ChangeHash, Counting> {
        let base: BTreeSet<ChangeHash> = self
            .all
            .values()
            .filter(|entry| entry.change.counting.is_base())
            .map(|entry| entry.change.hash)
            .collect();
        let mut out = BTreeSet::new();
        let counted = loop {
            let counted = self.closure(base.difference(&out).copied());
            let losers = self.losers(&counted);
            if losers.is_empty() {
                break counted;
            }
            out.extend(self.resting_on(losers));
        };
        let judged = self.all.keys().map(|hash| {
            let counting = match (base.contains(hash), counted.contains(hash)) {
                (true, true) => Counting::Base,
                (true, false) => Counting::Lost,
                (false, true) => Counting::LetIn,
                (false, false) => Counting::LeftOut,
            };
            (*hash, counting)
        });
        judged.collect()
    }

    /// These changes and everything they depend on.
    pub(super) fn closure(
        &self,
        from: impl IntoIterator<Item = ChangeHash>,
    ) -> BTreeSet<ChangeHash> {
        let mut waiting: Vec<ChangeHash> = from.into_iter().collect();
        let mut found = BTreeSet::new();
        while let Some(hash) = waiting.pop() {
            if found.insert(hash)
                && let Some(entry) = self.all.get(&hash)
            {
                waiting.extend(&entry.deps);
            }
        }
        found
    }

    /// The actor of a change.
    pub(super) fn actor(&self, hash: ChangeHash) -> Option<&[u8]> {
        let entry = self.all.get(&hash)?;
        entry.place.as_ref().map(|(_, actor)| actor.as_slice())
    }

    /// Of the lowest number that two changes of one actor share: all but the one with the lowest hash.
    fn losers(&self, counted: &BTreeSet<ChangeHash>) -> Vec<ChangeHash> {
        let mut places: BTreeMap<&(u64, Vec<u8>), Vec<ChangeHash>> = BTreeMap::new();
        for hash in counted {
            if let Some(place) = self.all.get(hash).and_then(|entry| entry.place.as_ref()) {
                places.entry(place).or_default().push(*hash);
            }
        }
        let contested = places.into_values().find(|rivals| rivals.len() > 1);
        contested.unwrap_or_default().into_iter().skip(1).collect()
    }

    /// These changes and everything that depends on them.
    fn resting_on(&self, from: Vec<ChangeHash>) -> BTreeSet<ChangeHash> {
        let mut later: BTreeMap<ChangeHash, Vec<ChangeHash>> = BTreeMap::new();
        for (hash, entry) in &self.all {
            for dep in &entry.deps {
                later.entry(*dep).or_default().push(*hash);
            }
        }
        let (mut waiting, mut found) = (from, BTreeSet::new());
        while let Some(hash) = waiting.pop() {
            if found.insert(hash) {
                waiting.extend(later.get(&hash).into_iter().flatten());
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use automerge::transaction::Transactable;
    use automerge::{ActorId, AutoCommit, Change, ROOT};

    use super::*;

    /// A document in which each letter is a change of somebody, made where the list says.
    struct Play(BTreeMap<char, Change>);

    impl Play {
        /// `who` writes `name` after the changes in `after`, and everything they rest on.
        fn write(&mut self, name: char, who: u8, after: &str) {
            let mut doc = AutoCommit::new().with_actor(ActorId::from([who; 16]));
            let mut base: Vec<char> = after.chars().collect();
            let mut at = 0;
            while let Some(letter) = base.get(at).copied() {
                let deps = self.0[&letter].deps();
                let more = self
                    .0
                    .iter()
                    .filter(|(_, change)| deps.contains(&change.hash()));
                base.extend(more.map(|(letter, _)| *letter));
                at += 1;
            }
            doc.apply_changes(base.iter().map(|letter| self.0[letter].clone()))
                .unwrap();
            doc.put(ROOT, name.to_string(), true).unwrap();
            doc.commit();
            self.0.insert(name, doc.get_last_local_change().unwrap());
        }

        fn hash(&self, name: char) -> ChangeHash {
            ChangeHash::from_bytes(self.0[&name].hash().0)
        }

        /// What counts when the changes in `cut` are of a life that was cut, in any order of arrival.
        fn counted(&self, cut: &str) -> String {
            let mut rows: Vec<CountedChange> = self
                .0
                .iter()
                .map(|(name, change)| CountedChange {
                    hash: self.hash(*name),
                    bytes: change.raw_bytes().to_vec(),
                    counting: if cut.contains(*name) {
                        Counting::LeftOut
                    } else {
                        Counting::Base
                    },
                })
                .collect();
            let judged = Dependencies::of(&rows).judge();
            for round in 0..rows.len() {
                // Another order, and what an earlier judgement had said: the outcome is the same.
                rows.rotate_left(1);
                for row in rows.iter_mut().skip(round) {
                    row.counting = judged[&row.hash];
                }
                assert_eq!(Dependencies::of(&rows).judge(), judged);
            }
            let names = self
                .0
                .keys()
                .filter(|name| judged[&self.hash(**name)].counts());
            names.collect()
        }
    }

    fn play(script: &[(char, u8, &str)]) -> Play {
        let mut play = Play(BTreeMap::new());
        for (name, who, after) in script {
            play.write(*name, *who, after);
        }
        play
    }

    #[test]
    fn what_nobody_built_upon_is_left_out_and_what_somebody_did_counts() {
        let alone = play(&[('o', 1, ""), ('a', 2, "o"), ('b', 2, "o")]);
        assert_eq!(alone.counted("ab"), "o");
        let one = play(&[('o', 1, ""), ('a', 2, "o"), ('b', 2, "o"), ('c', 3, "a")]);
        assert_eq!(one.counted("ab"), "aco");
    }

    #[test]
    fn of_two_that_others_built_upon_the_lower_hash_counts() {
        let both = play(&[
            ('o', 1, ""),
            ('a', 2, "o"),
            ('b', 2, "o"),
            ('c', 3, "a"),
            ('d', 4, "b"),
            ('e', 5, "o"),
        ]);
        let expected = if both.hash('a') < both.hash('b') {
            "aceo"
        } else {
            "bdeo"
        };
        assert_eq!(both.counted("ab"), expected);
    }

    #[test]
    fn what_falls_with_a_loser_costs_nobody_else_a_place() {
        // One actor's second pair: one of the two rests on the loser of the first pair.
        let nested = play(&[
            ('o', 1, ""),
            ('a', 2, "o"),
            ('b', 2, "o"),
            ('p', 4, "a"),
            ('q', 4, "b"),
            ('c', 3, "p"),
            ('d', 5, "q"),
        ]);
        let expected = if nested.hash('a') < nested.hash('b') {
            "acop"
        } else {
            "bdoq"
        };
        assert_eq!(nested.counted("abpq"), expected);
    }
}
