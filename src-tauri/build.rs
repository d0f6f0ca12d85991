//! Compiles the window's configuration in. The commands named here are refused to every window
//! that no capability grants them to.

const COMMANDS: &[&str] = &[
    "startup",
    "unlock",
    "seen",
    "calendars",
    "view",
    "event",
    "create",
    "edit",
    "remove",
    "undo",
    "import_ics",
    "add_calendar",
    "set_calendar_hidden",
    "people",
    "shared",
    "share",
    "who_asks",
    "admit",
    "set_role",
    "remove_member",
    "leave_calendar",
    "set_compared",
    "take_back",
    "invite_address",
    "view_invite",
    "accept_invite",
    "stop_waiting",
    "use_relay",
    "devices",
    "rename_device",
    "revoke_device",
    "open_linking",
    "linking_joined",
    "confirm_linking",
    "stop_linking",
    "link_here",
    "sync_status",
    "sync_details",
    "repair",
    "ui_ready",
];

fn main() {
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error=the window's configuration: {error:#}");
    }
}
