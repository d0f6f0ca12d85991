//! Two people share a calendar and a third is too late; a further device is linked. Everything in the
//! window, over a real relay, in few steps and in ordinary words.

use almanac_scenarios::{RelayProcess, World};

use crate::hand::Hand;
use crate::programs;
use crate::session::Desktop;
use crate::webdriver::Window;
use crate::week::Week;

/// What a share, a join and a link may take on each side.
pub(crate) const ACTIONS_MAX: u32 = 6;

/// Runs the command line at a desktop whose window is closed.
fn almanac(desktop: &Desktop, words: &[&str]) {
    let mut command = desktop.command(almanac_scenarios::almanac());
    let status = command.args(words).status();
    assert!(status.expect("almanac starts").success(), "{words:?}");
}

/// A desktop whose account the relay knows, with a calendar called Team.
pub(crate) fn owner(relay: &RelayProcess) -> Desktop {
    let desktop = Desktop::start();
    Week::shown_in(&Window::open(&desktop, &programs::window(), &[]));
    let (url, invite) = (relay.url(), relay.new_invite());
    almanac(&desktop, &["relay", "use", &url, "--invite", &invite]);
    almanac(&desktop, &["calendar", "add", "Team"]);
    desktop
}

/// The text that the open panel shows, or the line.
pub(crate) fn text_to_give(hand: &Hand<'_>) -> String {
    hand.reads_in("dialog [role=textbox]")
}

#[test]
fn a_calendar_is_shared_and_joined_in_six_actions_a_side() {
    let world = World::new();
    let mut relay = world.relay();
    let (ada_desktop, bob_desktop) = (owner(&relay), Desktop::start());
    let ada_window = Window::open(&ada_desktop, &programs::window(), &[]);
    let bob_window = Window::open(&bob_desktop, &programs::window(), &[]);
    let (ada_week, bob_week) = (Week::shown_in(&ada_window), Week::shown_in(&bob_window));
    let (ada, bob) = (Hand::at(&ada_window), Hand::at(&bob_window));

    let text = shares(&ada);
    joins(&bob, &text, &relay);
    lets_in(&ada, &bob);
    ada.press("Done");
    bob.finds("aside button", "Team, 2 people");

    // It is one calendar: what Ada writes is in Bob's week, and Bob may write too.
    ada.press("Show Personal");
    ada_week.show_hours_from(8);
    ada_week.create_by_drag(1, 10 * 60, 11 * 60, "Stand-up");
    bob_week.show_hours_from(8);
    bob_week.event("Stand-up");
    bob_week.press_in_panel("Stand-up", "Delete");
    ada_week.awaits_no_event("Stand-up");

    too_late(&relay, &text);
    decides(&ada, &bob);
    takes_back(&ada);
    relay.kill();
    fails(&ada);
}

/// Ada makes an invite for someone who may edit.
fn shares(ada: &Hand<'_>) -> String {
    ada.press("Share Team");
    ada.sees("Only people you invite can read this calendar.");
    ada.looks("share-alone");
    ada.press("Can edit");
    ada.enters("Your name", "Ada Byron");
    ada.press("Make an invite");
    ada.sees("Give this text to one person yourself");
    ada.looks("share-invite");
    let text = text_to_give(ada);
    assert!(text.starts_with("ALM1"), "{text}");
    ada.press("Copy text");
    ada.sees("Copied");
    text
}

/// Bob has nothing but the text, and a code for the relay that it names.
fn joins(bob: &Hand<'_>, text: &str, relay: &RelayProcess) {
    bob.looks("join-welcome");
    bob.press("Join a calendar");
    bob.enters("Invite", text);
    bob.sees("This calendar is kept by a relay you do not use yet");
    bob.looks("join-relay");
    bob.enters("Code", &relay.new_invite());
    bob.press("Connect");
    bob.sees("A calendar of one person");
    bob.sees("can add, change and remove events");
    bob.looks("join-found");
    bob.enters("Your name", "Bob");
    bob.press("Ask to join");
    bob.sees("Waiting to be let in");
    bob.looks("join-asked");
    let actions = bob.actions();
    assert!(actions <= ACTIONS_MAX, "joining took {actions} actions");
}

/// Ada sees who it is, with the numbers that Bob sees, and lets him in; his window notices by itself.
fn lets_in(ada: &Hand<'_>, bob: &Hand<'_>) {
    ada.sees("Bob asks to join");
    ada.looks("share-asks");
    let numbers = ada.reads_in("dialog [role=note]");
    assert_eq!(numbers, bob.reads_in("dialog [role=note]"));
    assert_eq!(numbers.split_whitespace().count(), 12, "{numbers}");
    ada.press("Let Bob in");
    ada.sees("2 people");
    let actions = ada.actions();
    assert!(actions <= ACTIONS_MAX, "sharing took {actions} actions");
    ada.looks("share-two");
    ada.press("Compare numbers with Bob");
    ada.sees("nobody stands in between");
    ada.press("They are the same");
    ada.sees("You compared them on");
    ada.looks("share-compared");
    bob.sees("You are in “Team”");
}

/// An invite is for one person; what is none at all says so too.
fn too_late(relay: &RelayProcess, text: &str) {
    let desktop = owner(relay);
    let window = Window::open(&desktop, &programs::window(), &[]);
    Week::shown_in(&window);
    let eve = Hand::at(&window);
    eve.press("Join a calendar");
    eve.enters("Invite", "my neighbour's calendar");
    eve.sees("This is no invite to a calendar");
    eve.looks("join-wrong");
    window.script(
        "const field = document.querySelector('dialog textarea');
         field.value = '';
         field.dispatchEvent(new Event('input', { bubbles: true }));",
        &[],
    );
    eve.enters("Invite", text);
    eve.sees("This invite is not open");
    eve.looks("join-over");
}

/// Ada takes the right to write, then the calendar; Bob's window shows both, and he leaves.
fn decides(ada: &Hand<'_>, bob: &Hand<'_>) {
    ada.press("Team, 2 people");
    ada.press("What Bob may do");
    ada.press("Can view");
    ada.finds("dialog button", "What Bob may do: Can view");
    bob.press("Team, 2 people");
    bob.sees("Owners decide who is in this calendar.");
    bob.sees("Can view");
    bob.looks("people-viewer");
    ada.press("What Bob may do");
    ada.press("Remove Bob");
    ada.sees("keeps what is already on their devices");
    ada.looks("share-remove");
    ada.press("Remove Bob");
    ada.finds("aside button", "Share Team");
    bob.sees("You are no longer in this calendar");
    bob.looks("people-removed");
    bob.press("Take it off your list");
    bob.sees("“Team” is off your list");
}

/// Ada makes an invite and thinks better of it.
fn takes_back(ada: &Hand<'_>) {
    ada.press("Make an invite");
    ada.sees("1 invite not used yet");
    ada.looks("share-open-invites");
    ada.press("Take back: Can view");
    ada.sees_no("not used yet");
    ada.finds("dialog button", "Make an invite");
}

/// Without the relay nothing is shared, and nothing else is lost: a sentence says so in place.
fn fails(ada: &Hand<'_>) {
    ada.press("Make an invite");
    ada.finds("dialog [role=alert]", "");
    ada.looks("share-offline");
}
