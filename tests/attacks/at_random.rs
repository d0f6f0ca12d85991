//! A calendar of several people in which anything happens in any order: invites, roles, removals, edits
//! on the train and edits that arrive late. Everyone who may read it in the end reads the same, whoever
//! sees busy times alone sees those of just that, and nothing is missing that the relay took from
//! someone who might write.

use std::collections::{BTreeMap, BTreeSet};

use almanac_client::{CreateEvent, ListedOccurrence, MemberRole, Mode, WhenView};
use jiff::Timestamp;
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
        2 => Just(MemberRole::FreeBusy),
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
                let _ = self.others[who].write(&title, self.written);
            }
            Step::Send(who) => {
                let title = self.title();
                let person = &self.others[who];
                if person.write(&title, self.written).is_ok() && person.tries_to_sync().await {
                    let role = self.roles.get(&who);
                    let may_write = role
                        .is_some_and(|role| matches!(role, MemberRole::Editor | MemberRole::Owner));
                    let is_shown = person.titles_told().contains(&title);
                    assert_eq!(is_shown, may_write, "{} {title}", person.name);
                    if may_write {
                        self.owed.insert(title);
                    }
                }
            }
            Step::Sync(who) => drop(self.others[who].tries_to_sync().await),
            Step::OwnerWrites => {
                let title = self.title();
                self.owner.write(&title, self.written).unwrap();
                self.owner.sync().await;
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
        let titles = self.owner.titles_told();
        let shown: BTreeSet<String> = titles.iter().cloned().collect();
        let lost: Vec<_> = self.owed.difference(&shown).collect();
        assert!(lost.is_empty(), "lost {lost:?}");
        for (who, role) in &self.roles {
            let person = &self.others[*who];
            if *role == MemberRole::FreeBusy {
                let seen = person.titles_told();
                assert!(seen.iter().all(|title| title == "Busy"), "{seen:?}");
                assert_eq!(person.hours(), self.owner.hours(), "{}", person.name);
            } else {
                assert_eq!(person.titles_told(), titles, "{}", person.name);
            }
        }
    }
}

impl Person {
    /// Adds an hour that nothing else takes, soon: busy times are told of the time around today.
    fn write(&self, title: &str, number: usize) -> Result<(), almanac_client::Error> {
        let hour = i64::try_from(number).unwrap();
        let when = WhenView::Timed {
            start: told_at(hour),
            end: told_at(hour + 1),
            zone: "UTC".into(),
        };
        let event = CreateEvent {
            when,
            ..Company::event(title)
        };
        self.client.create(event).map(drop)
    }

    fn told(&self) -> Vec<ListedOccurrence> {
        let (from, to) = (told_at(0), told_at(72));
        self.client.list(&from, &to, Some("UTC"), None).unwrap()
    }

    fn titles_told(&self) -> Vec<String> {
        let mut titles: Vec<String> = self.told().into_iter().map(|one| one.summary).collect();
        titles.sort();
        titles
    }

    /// The hours that are taken, counted from 1970.
    fn hours(&self) -> BTreeSet<i64> {
        let hour = |time: &str| time.parse::<Timestamp>().unwrap().as_second() / 3_600;
        let told = self.told().into_iter();
        told.flat_map(|one| hour(&one.start)..hour(&one.end))
            .collect()
    }

    /// Gives whether everything was sent.
    async fn tries_to_sync(&self) -> bool {
        let synced = self.client.sync(Mode::Once).await;
        synced.is_ok() && self.client.status().unwrap().outbox == 0
    }
}

/// So many hours after the beginning of the day that is a week from now, in UTC.
fn told_at(hours: i64) -> String {
    let day = Timestamp::now().as_second() / 86_400 + 7;
    let moment = Timestamp::from_second(day * 86_400 + hours * 3_600).unwrap();
    moment.strftime("%Y-%m-%dT%H:%M").to_string()
}

#[test]
fn attack_31_whatever_happens_to_members_everyone_ends_with_the_same_calendar() {
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
