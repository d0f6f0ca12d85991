//! What the page may ask about the people of a calendar: one line for each command.
//!
//! What goes to the relay goes beside the running sync, which alone says where sync stands.

#![expect(
    clippy::needless_pass_by_value,
    reason = "commands own what the page sent"
)]

use almanac_client::{
    Admission, AskingView, InvitationView, InviteAddress, InviteView, MemberRole, PeopleView,
    Result, SharedView,
};
use tauri::State;

use crate::open_profile::OpenProfile;

type Open<'a> = State<'a, OpenProfile>;

#[tauri::command(async)]
pub(crate) fn people(open: Open<'_>, calendar: String) -> Result<PeopleView> {
    open.client()?.people(&calendar)
}

#[tauri::command(async)]
pub(crate) fn shared(open: Open<'_>) -> Result<SharedView> {
    open.client()?.shared()
}

#[tauri::command]
pub(crate) async fn share(
    open: Open<'_>,
    calendar: String,
    role: MemberRole,
    name: Option<String>,
) -> Result<InviteView> {
    let client = open.client()?.quietly();
    client.share(&calendar, role, name.as_deref()).await
}

#[tauri::command]
pub(crate) async fn who_asks(open: Open<'_>, calendar: String) -> Result<Vec<AskingView>> {
    open.client()?.quietly().who_asks(&calendar).await
}

#[tauri::command]
pub(crate) async fn admit(open: Open<'_>, admission: Admission) -> Result<()> {
    open.client()?.quietly().admit(&admission).await
}

#[tauri::command]
pub(crate) async fn set_role(
    open: Open<'_>,
    calendar: String,
    person: String,
    role: MemberRole,
) -> Result<()> {
    let client = open.client()?.quietly();
    client.set_role(&calendar, &person, role).await
}

#[tauri::command]
pub(crate) async fn remove_member(open: Open<'_>, calendar: String, person: String) -> Result<()> {
    let client = open.client()?.quietly();
    client.remove_member(&calendar, &person).await
}

#[tauri::command(async)]
pub(crate) fn leave_calendar(open: Open<'_>, calendar: String) -> Result<()> {
    open.client()?.leave_calendar(&calendar)
}

#[tauri::command(async)]
pub(crate) fn set_compared(open: Open<'_>, person: String, same: bool) -> Result<()> {
    open.client()?.set_compared(&person, same)
}

#[tauri::command]
pub(crate) async fn take_back(open: Open<'_>, calendar: String, invite: String) -> Result<()> {
    open.client()?.quietly().take_back(&calendar, &invite).await
}

/// Where the calendar of an invite is kept; asks nobody.
#[tauri::command(async)]
pub(crate) fn invite_address(open: Open<'_>, text: String) -> Result<InviteAddress> {
    open.client()?.invite_address(&text)
}

/// Looks at an invite; nobody hears of it.
#[tauri::command]
pub(crate) async fn view_invite(open: Open<'_>, text: String) -> Result<InvitationView> {
    open.client()?.quietly().view_invite(&text).await
}

/// Asks to be admitted.
#[tauri::command]
pub(crate) async fn accept_invite(
    open: Open<'_>,
    text: String,
    name: Option<String>,
    call: Option<String>,
) -> Result<InvitationView> {
    let client = open.client()?.quietly();
    let (name, call) = (name.as_deref(), call.as_deref());
    client.accept_invite(&text, name, call).await
}

#[tauri::command(async)]
pub(crate) fn stop_waiting(open: Open<'_>, calendar: String) -> Result<()> {
    open.client()?.stop_waiting(&calendar)
}

/// Sets the relay. The running sync finds it by itself.
#[tauri::command]
pub(crate) async fn use_relay(open: Open<'_>, address: String, code: String) -> Result<()> {
    open.client()?.quietly().use_relay(&address, &code).await
}
