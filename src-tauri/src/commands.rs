//! What the page may ask: one line for each command, in the client's own words.
//!
//! Every command runs off the window's thread. A refusal is the client's: a code and a sentence.

use almanac_client::{
    CalendarView, Client, CreateEvent, Done, EditEvent, Error, EventView, ImportFile, ImportReport,
    RepairReport, Result, SyncDetails, SyncStatus, Unlock, ViewQuery, ViewSlice, system_zone_name,
};
use serde::Serialize;
use tauri::{AppHandle, Manager, Runtime, State, WebviewWindow};
use zeroize::Zeroizing;

use crate::habits::Habits;
use crate::open_profile::OpenProfile;

/// What the page knows before it asks for anything.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Startup {
    locale: String,
    first_day: u8,
    hour_cycle: &'static str,
    zone: String,
    theme: &'static str,
    profile_name: String,
    untouched: bool,
}

impl Startup {
    pub(crate) fn of(client: &Client) -> Result<Self> {
        let Habits {
            locale,
            first_day,
            hour_cycle,
        } = Habits::of_the_system();
        let profile_name = client.device_name()?;
        let zone = system_zone_name();
        let untouched = client.is_untouched()?;
        Ok(Self {
            locale,
            first_day,
            hour_cycle,
            zone,
            theme: "system",
            profile_name,
            untouched,
        })
    }
}

type Open<'a> = State<'a, OpenProfile>;

/// Opens the profile, which may wait for the keychain, and tells how its person writes dates.
#[tauri::command]
pub(crate) async fn startup<R: Runtime>(app: AppHandle<R>) -> Result<Startup> {
    let opening = tauri::async_runtime::spawn_blocking(move || {
        Startup::of(&app.state::<OpenProfile>().open(&app, &Unlock::Keychain)?)
    });
    opening.await.map_err(Error::internal)?
}

/// Opens a profile that asks for a passphrase. Guessing at it takes as long as it was made to take.
#[tauri::command]
pub(crate) async fn unlock<R: Runtime>(app: AppHandle<R>, passphrase: String) -> Result<Startup> {
    let unlock = Unlock::passphrase(&passphrase);
    drop(Zeroizing::new(passphrase));
    let opening = tauri::async_runtime::spawn_blocking(move || {
        Startup::of(&app.state::<OpenProfile>().open(&app, &unlock)?)
    });
    opening.await.map_err(Error::internal)?
}

/// A person is there.
#[tauri::command]
pub(crate) fn seen(open: Open<'_>) {
    open.seen();
}

#[tauri::command(async)]
pub(crate) fn calendars(open: Open<'_>) -> Result<Vec<CalendarView>> {
    open.client()?.calendars()
}

#[tauri::command(async)]
pub(crate) fn view(open: Open<'_>, query: ViewQuery) -> Result<ViewSlice> {
    open.client()?.view(query)
}

#[tauri::command(async)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "commands own what the page sent"
)]
pub(crate) fn event(
    open: Open<'_>,
    event: String,
    occurrence: Option<String>,
) -> Result<EventView> {
    open.client()?.event(&event, occurrence.as_deref())
}

#[tauri::command(async)]
pub(crate) fn create(open: Open<'_>, input: CreateEvent) -> Result<Done> {
    open.client()?.create(input)
}

#[tauri::command(async)]
pub(crate) fn edit(open: Open<'_>, input: EditEvent) -> Result<Done> {
    open.client()?.edit(input)
}

#[tauri::command(async)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "commands own what the page sent"
)]
pub(crate) fn remove(open: Open<'_>, event: String) -> Result<Done> {
    open.client()?.remove(&event)
}

#[tauri::command(async)]
pub(crate) fn undo(open: Open<'_>, token: u64) -> Result<Done> {
    open.client()?.undo(token)
}

#[tauri::command(async)]
pub(crate) fn import_ics(open: Open<'_>, input: ImportFile) -> Result<ImportReport> {
    open.client()?.import(input)
}

#[tauri::command(async)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "commands own what the page sent"
)]
pub(crate) fn add_calendar(open: Open<'_>, name: String, color: String) -> Result<CalendarView> {
    open.client()?.add_calendar(&name, Some(&color))
}

#[tauri::command(async)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "commands own what the page sent"
)]
pub(crate) fn set_calendar_hidden(open: Open<'_>, id: String, hidden: bool) -> Result<()> {
    open.client()?.set_calendar_hidden(&id, hidden)
}

#[tauri::command(async)]
pub(crate) fn sync_status(open: Open<'_>) -> Result<SyncStatus> {
    open.client()?.status()
}

#[tauri::command(async)]
pub(crate) fn sync_details(open: Open<'_>) -> Result<SyncDetails> {
    open.client()?.sync_details()
}

/// The running sync begins anew with what is left to compare.
#[tauri::command(async)]
pub(crate) fn repair(open: Open<'_>) -> Result<RepairReport> {
    open.client()?.repair()
}

/// The first frame is painted: the window may be seen.
#[tauri::command]
pub(crate) fn ui_ready<R: Runtime>(window: WebviewWindow<R>) -> Result<()> {
    tracing::info!("window.painted");
    window.show().map_err(Error::internal)
}
