//! What the page may ask about the devices of the account: one line for each command.

#![expect(
    clippy::needless_pass_by_value,
    reason = "commands own what the page sent"
)]

use almanac_client::{DeviceDetails, DeviceView, LinkOffer, Result, RevokeWord};
use tauri::{AppHandle, Manager, Runtime, State};

use crate::commands::Startup;
use crate::linking::Linkings;
use crate::open_profile::OpenProfile;

type Open<'a> = State<'a, OpenProfile>;

#[tauri::command(async)]
pub(crate) fn devices(open: Open<'_>) -> Result<Vec<DeviceDetails>> {
    open.client()?.devices()
}

#[tauri::command(async)]
pub(crate) fn rename_device(open: Open<'_>, name: String) -> Result<()> {
    open.client()?.rename_device(&name)
}

#[tauri::command]
pub(crate) async fn revoke_device(
    open: Open<'_>,
    device: String,
    reason: RevokeWord,
) -> Result<DeviceView> {
    open.client()?
        .quietly()
        .revoke_device(&device, reason)
        .await
}

/// Opens a code under which a new device can reach this one.
#[tauri::command]
pub(crate) async fn open_linking(
    open: Open<'_>,
    linkings: State<'_, Linkings>,
) -> Result<LinkOffer> {
    linkings.open(&open.client()?.quietly()).await
}

/// Answers once the new device has shown itself.
#[tauri::command]
pub(crate) async fn linking_joined(linkings: State<'_, Linkings>) -> Result<()> {
    linkings.joined().await
}

/// Adds the device whose digits these are.
#[tauri::command]
pub(crate) async fn confirm_linking(
    linkings: State<'_, Linkings>,
    digits: String,
    code: Option<String>,
) -> Result<()> {
    linkings.confirm(digits, code).await
}

/// Ends whatever linking is under way, on either side.
#[tauri::command(async)]
pub(crate) fn stop_linking(linkings: State<'_, Linkings>) {
    linkings.stop();
}

/// Makes this computer a device of another account, in place of a profile that nobody has used.
#[tauri::command]
pub(crate) async fn link_here<R: Runtime>(
    app: AppHandle<R>,
    line: String,
    name: String,
) -> Result<Startup> {
    let linking = app.clone();
    let task = tauri::async_runtime::spawn(async move {
        let open = linking.state::<OpenProfile>();
        open.link(&linking, &line, &name).await
    });
    let client = app.state::<Linkings>().run(task).await?;
    Startup::of(&client)
}
