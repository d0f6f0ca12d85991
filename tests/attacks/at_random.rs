//! A calendar of several people in which anything happens in any order: invites, roles, removals, edits
//! on the train and edits that arrive late. Everyone who may read it in the end reads the same, and
//! nothing is missing that the relay took from someone who might write.

use std::collections::{BTreeMap, BTreeSet};

use almanac_client::{MemberRole, Mode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::company::{Company, Person};

/// People beside the owner.
const OTHERS: usize = 3;

/// What one of the others, or the owner about them, does.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// The owner lets them in, or gives them another role.
    Role(usize, MemberRole),
    Remove(usize),
    /// They write without a connection.
    Write(usize),
    /// They write and send it.
    Send(usize),
    Sync(usize),
    OwnerWrites,
    OwnerSyncs,
}

fn step() -> impl Strategy<Value = Step> {
    let role = prop_oneof![
        3 => Just(MemberRole::Editor),
        1 => Just(MemberRole::Viewer),
        1 => Just(MemberRole::Owner)
    ];
    let who = 0..OTHERS;
    prop_oneof![
        4 => (who.clone(), role).prop_map(|(who, role)| Step::Role(who, role)),
        2 => who.clone().prop_map(Step::Remove),
        3 => who.clone().prop_map(Step::Write),
        4 => who.clone().prop_map(Step::Send),
        2 => who.prop_map(Step::Sync),
        1 => Just(Step::OwnerWrites),
        1 => Just(Step::OwnerSyncs),
    ]
}

struct Story {
    _company: Company,
    owner: Person,
    others: Vec<Person>,
    /// The roles that the owner has given.
    roles: BTreeMap<usize, MemberRole>,
    /// Titles that the relay took from someone who might write.
    owed: BTreeSet<String>,
    written: usize,
}

impl Story {
    async fn begin() -> Self {
        let company = Company::new().await;
        let owner = company.owner("Ada").await;
        let mut others = Vec::new();
        for name in ["Bob", "Carol", "Dan"] {
            others.push(company.person(name).await);
        }
        Self {
            _company: company,
            owner,
            others,
            roles: BTreeMap::new(),
            owed: BTreeSet::new(),
            written: 0,
        }
    }

    async fn happens(&mut self, step: Step) {
        match step {
            Step::Role(who, role) => match self.roles.insert(who, role) {
                None => self.owner.share_with(&self.others[who], role).await,
                Some(_) => {
                    let name = &self.others[who].name;
                    let changed = self.owner.client.set_role("Team", name, role).await;
                    changed.unwrap();
                }
            },
            Step::Remove(who) => {
                if self.roles.remove(&who).is_some() {
                    let name = &self.others[who].name;
                    self.owner.client.remove_member("Team", name).await.unwrap();
                }
            }
            Step::Write(who) => {
                let title = self.title();
                // Who knows of no right to write is refused.
                let _ = self.others[who].write(&title);
            }
            Step::Send(who) => {
                let title = self.title();
                let person = &self.others[who];
                if person.write(&title).is_ok() && person.tries_to_sync().await {
                    let may_write = self
                        .roles
                        .get(&who)
                        .is_some_and(|role| *role != MemberRole::Viewer);
                    let is_shown = person.titles().contains(&title);
                    assert_eq!(is_shown, may_write, "{} {title}", person.name);
                    if may_write {
                        self.owed.insert(title);
                    }
                }
            }
            Step::Sync(who) => drop(self.others[who].tries_to_sync().await),
            Step::OwnerWrites => {
                let title = self.title();
                self.owner.add(&title).await;
                self.owed.insert(title);
            }
            Step::OwnerSyncs => self.owner.sync().await,
        }
    }

    fn title(&mut self) -> String {
        self.written += 1;
        format!("event {}", self.written)
    }

    /// Everyone connects until nothing moves; who may read shows the same, and all that is owed.
    async fn ends(&self) {
        for _ in 0..3 {
            for person in self.others.iter().chain([&self.owner]) {
                person.tries_to_sync().await;
            }
        }
        let titles = self.owner.titles();
        let shown: BTreeSet<String> = titles.iter().cloned().collect();
        let lost: Vec<_> = self.owed.difference(&shown).collect();
        assert!(lost.is_empty(), "lost {lost:?}");
        for who in self.roles.keys() {
            let person = &self.others[*who];
            assert_eq!(person.titles(), titles, "{}", person.name);
        }
    }
}

impl Person {
    fn write(&self, title: &str) -> Result<(), almanac_client::Error> {
        self.client.create(Company::event(title)).map(drop)
    }

    /// Gives whether everything was sent.
    async fn tries_to_sync(&self) -> bool {
        let synced = self.client.sync(Mode::Once).await;
        synced.is_ok() && self.client.status().unwrap().outbox == 0
    }
}

#[test]
fn whatever_happens_to_members_everyone_ends_with_the_same_calendar() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // Steps that fail are printed, made as few as can be.
    let cases = std::env::var("PROPTEST_CASES").ok();
    let config = Config {
        cases: cases.map_or(4, |cases| cases.parse().unwrap()),
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let steps = prop::collection::vec(step(), 6..24);
    let told = TestRunner::new(config).run(&steps, |steps| {
        let told = std::panic::catch_unwind(|| {
            runtime.block_on(async {
                let mut story = Story::begin().await;
                for step in &steps {
                    story.happens(*step).await;
                }
                story.ends().await;
            });
        });
        told.map_err(|_| TestCaseError::fail("the story broke off"))
    });
    told.unwrap();
}
