//! Almanac's window: a page in a web view, and one line for each thing it may ask of the client.
//!
//! The page is shown after it has painted, may go nowhere but to itself, and knows nothing that the
//! commands here do not tell it.

mod commands;
mod devices;
mod habits;
mod linking;
mod open_profile;
mod sharing;
mod start;

use anyhow::Context;
use tauri::webview::NewWindowResponse;
use tauri::{App, Manager, Runtime, Url, WebviewWindowBuilder};

use open_profile::OpenProfile;
pub use start::Start;

/// Label of the week's window, which the capability names.
const MAIN: &str = "main";

/// Opens the window and stays until it is closed.
///
/// # Errors
///
/// When there is no display, or the web view does not start.
pub fn run(start: Start) -> anyhow::Result<()> {
    tauri::Builder::default()
        .manage(OpenProfile::new(start.profile))
        .manage(linking::Linkings::default())
        .invoke_handler(tauri::generate_handler![
            commands::startup,
            commands::unlock,
            commands::seen,
            commands::calendars,
            commands::view,
            commands::event,
            commands::create,
            commands::edit,
            commands::remove,
            commands::undo,
            commands::import_ics,
            commands::add_calendar,
            commands::set_calendar_hidden,
            sharing::people,
            sharing::shared,
            sharing::share,
            sharing::who_asks,
            sharing::admit,
            sharing::set_role,
            sharing::remove_member,
            sharing::leave_calendar,
            sharing::set_compared,
            sharing::take_back,
            sharing::invite_address,
            sharing::view_invite,
            sharing::accept_invite,
            sharing::stop_waiting,
            sharing::use_relay,
            devices::devices,
            devices::rename_device,
            devices::revoke_device,
            devices::open_linking,
            devices::linking_joined,
            devices::confirm_linking,
            devices::stop_linking,
            devices::link_here,
            commands::sync_status,
            commands::sync_details,
            commands::repair,
            commands::ui_ready,
        ])
        .setup(|app| Ok(open_window(app)?))
        .run(tauri::generate_context!())
        .context("the web view did not start")
}

fn open_window<R: Runtime>(app: &App<R>) -> anyhow::Result<()> {
    let windows = &app.config().app.windows;
    let config = windows
        .iter()
        .find(|window| window.label == MAIN)
        .context("no main window")?;
    WebviewWindowBuilder::from_config(app.handle(), config)?
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    debug_assert!(app.get_webview_window(MAIN).is_some());
    Ok(())
}

/// The page may be reloaded and nothing else: no link in an event leads the window away.
fn is_own_page(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) => true,
        // The same page as Windows and Android serve it.
        ("http" | "https", Some("tauri.localhost")) => cfg!(windows),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_but_to_its_own_page() {
        let allowed = |url: &str| is_own_page(&Url::parse(url).unwrap());
        assert!(allowed("tauri://localhost/index.html"));
        for url in [
            "https://example.org/",
            "http://localhost:1420/",
            "file:///etc/passwd",
            "data:text/html,hello",
            "tauri://example.org/",
            "about:blank",
        ] {
            assert!(!allowed(url), "{url}");
        }
    }
}
