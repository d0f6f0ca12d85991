//! What becomes of a shared calendar when nobody means harm: relays that forget, owners who decide at
//! once, people who leave.

use almanac_client::{ErrorCode, MemberRole, SyncState};

use super::cheat::calendar_log;
use super::company::{Company, id_bytes};

/// The relay goes back to the time before someone was removed.
#[tokio::test]
async fn a_relay_that_is_set_back_to_before_a_removal_hears_of_it_again() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let (bob, carol) = (company.person("Bob").await, company.person("Carol").await);
    ada.share_with(&bob, MemberRole::Editor).await;
    ada.share_with(&carol, MemberRole::Editor).await;
    company.save("with Bob").await;
    ada.client.remove_member("Team", "Bob").await.unwrap();
    carol.sync().await;
    let team = id_bytes(&ada.team());
    let members = "SELECT count(*) FROM member WHERE calendar = ?1";
    // Whoever comes first brings back what Ada signed, herself or another.
    for first in [&carol, &ada] {
        company.put_back("with Bob").await;
        first.sync().await;
        let left: i64 = company
            .tamper(|db| db.query_row(members, [&team], |row| row.get(0)).unwrap())
            .await;
        assert_eq!(left, 2, "{}", first.name);
    }
    for person in [&ada, &carol, &bob] {
        person.sync().await;
    }
    ada.add("secret").await;
    carol.sync().await;
    bob.sync().await;
    assert_eq!(carol.titles(), ["secret"]);
    assert!(bob.titles().is_empty());
    assert_eq!(ada.client.status().unwrap().state, SyncState::UpToDate);
}

/// The relay has lost everything: who comes first cannot bring back what another began, and loses
/// nothing by having come first.
#[tokio::test]
async fn a_relay_that_lost_everything_is_filled_again_by_owner_and_members() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    ada.add("by Ada").await;
    bob.add("by Bob").await;
    company.wipe().await;
    company.register(&bob).await;
    bob.sync().await;
    bob.add("meanwhile").await;
    assert_eq!(bob.client.status().unwrap().state, SyncState::Trouble);
    company.register(&ada).await;
    for person in [&ada, &bob, &ada, &bob] {
        person.sync().await;
    }
    let all = ["by Ada", "by Bob", "meanwhile"];
    for person in [&ada, &bob] {
        assert_eq!(person.titles(), all, "{}", person.name);
        let status = person.client.status().unwrap();
        assert_eq!((status.state, status.outbox), (SyncState::UpToDate, 0));
    }
    // What came back is whole: someone who has seen none of it before reads all of it.
    let carol = company.person("Carol").await;
    ada.share_with(&carol, MemberRole::Viewer).await;
    assert_eq!(carol.titles(), all);
}

/// Two owners at once, about the same person: one link is taken, and both wishes are fulfilled by it.
#[tokio::test]
async fn two_owners_who_remove_someone_at_once_do_it_once() {
    let mut company = Company::new().await;
    let ada = company.owner("Ada").await;
    let (bob, carol) = (company.person("Bob").await, company.person("Carol").await);
    ada.share_with(&bob, MemberRole::Owner).await;
    ada.share_with(&carol, MemberRole::Editor).await;
    bob.sync().await;
    let (one, other) = tokio::join!(
        ada.client.remove_member("Team", "Carol"),
        bob.client.remove_member("Team", "Carol")
    );
    // Who comes so late that she is gone already is told that there is nobody of that name.
    assert!(one.is_ok() || other.is_ok(), "{one:?} {other:?}");
    let team = id_bytes(&ada.team());
    let epoch = company
        .tamper(|db| calendar_log(db, &team).epoch_now().section.epoch)
        .await;
    assert_eq!(epoch, 2);
    ada.add("by Ada").await;
    bob.add("by Bob").await;
    for person in [&ada, &carol] {
        person.sync().await;
    }
    for person in [&ada, &bob] {
        assert_eq!(person.titles(), ["by Ada", "by Bob"], "{}", person.name);
        assert_eq!(person.member_count().await, 2);
    }
    assert!(carol.titles().is_empty());
}

/// Who has taken a shared calendar out of their list finds it again.
#[tokio::test]
async fn who_leaves_is_a_member_until_an_owner_says_otherwise_and_may_come_back() {
    let company = Company::new().await;
    let ada = company.owner("Ada").await;
    let bob = company.person("Bob").await;
    ada.share_with(&bob, MemberRole::Editor).await;
    ada.add("by Ada").await;
    bob.sync().await;
    assert!(
        ada.client.leave_calendar("Team").is_err(),
        "one owner stays"
    );
    bob.client.leave_calendar("Team").unwrap();
    assert!(bob.titles().is_empty());
    assert_eq!(ada.member_count().await, 2);
    let text = ada.invite(MemberRole::Viewer).await;
    let already = bob.client.look_at_invite(&text).await.unwrap_err();
    assert_eq!(already.code, ErrorCode::AlreadyExists);
    assert_eq!(bob.titles(), ["by Ada"]);
}
