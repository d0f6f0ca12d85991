//! A linking that is under way: begun by one command of the page, gone on with by the next.
//!
//! The connection to the other device lives in a task of its own, which keeps it alive while a person
//! types. Whatever is begun ends what was under way before.

use std::sync::{Mutex, MutexGuard, PoisonError};

use almanac_client::{Client, Error, ErrorCode, LinkOffer, Linking, Result};
use tauri::async_runtime::{JoinHandle, spawn};
use tokio::sync::oneshot::{Receiver, Sender, channel};
use tokio::task::AbortHandle;

/// What a person types on the old device: the digits, and a code where the account asks for one.
type Typed = (String, Option<String>);

/// At most one linking at a time.
#[derive(Debug, Default)]
pub(crate) struct Linkings(Mutex<Option<UnderWay>>);

/// One linking; ends when dropped.
#[derive(Debug)]
struct UnderWay {
    task: AbortHandle,
    joined: Option<Receiver<Result<()>>>,
    typed: Option<Sender<Typed>>,
    ended: Option<Receiver<Result<()>>>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Linkings {
    /// On the old device: waits for a new one from now on.
    pub(crate) async fn open(&self, client: &Client) -> Result<LinkOffer> {
        let linking = client.open_linking().await?;
        let offer = linking.offer(client)?;
        let (has_joined, joined) = channel();
        let (typed, is_typed) = channel();
        let (has_ended, ended) = channel();
        let task = spawn(async move {
            let result = carry_on(linking, has_joined, is_typed).await;
            // A page that no longer waits has stopped it.
            let _ = has_ended.send(result);
        });
        *self.under_way() = Some(UnderWay {
            task: task.inner().abort_handle(),
            joined: Some(joined),
            typed: Some(typed),
            ended: Some(ended),
        });
        Ok(offer)
    }

    /// Waits for the new device to show itself.
    pub(crate) async fn joined(&self) -> Result<()> {
        let joined = self.under_way().as_mut().and_then(|one| one.joined.take());
        joined.ok_or_else(stopped)?.await.map_err(|_| stopped())?
    }

    /// Has the device added whose digits these are.
    pub(crate) async fn confirm(&self, digits: String, code: Option<String>) -> Result<()> {
        let (typed, ended) = {
            let mut under_way = self.under_way();
            let one = under_way.as_mut().ok_or_else(stopped)?;
            (one.typed.take(), one.ended.take())
        };
        let digits = digits.chars().filter(char::is_ascii_digit).collect();
        let sent = typed.ok_or_else(stopped)?.send((digits, code));
        sent.map_err(|_| stopped())?;
        ended.ok_or_else(stopped)?.await.map_err(|_| stopped())?
    }

    /// On the new device: waits for a task that can be stopped.
    pub(crate) async fn run<T: Send + 'static>(&self, task: JoinHandle<Result<T>>) -> Result<T> {
        *self.under_way() = Some(UnderWay {
            task: task.inner().abort_handle(),
            joined: None,
            typed: None,
            ended: None,
        });
        task.await.map_err(|_| stopped())?
    }

    /// Ends what is under way.
    pub(crate) fn stop(&self) {
        drop(self.under_way().take());
    }

    fn under_way(&self) -> MutexGuard<'_, Option<UnderWay>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for the new device, then for the person, and tells when the first has come.
async fn carry_on(
    linking: Linking,
    has_joined: Sender<Result<()>>,
    typed: Receiver<Typed>,
) -> Result<()> {
    let confirming = match linking.joined().await {
        Ok(confirming) => confirming,
        Err(error) => {
            let _ = has_joined.send(Err(error.clone()));
            return Err(error);
        }
    };
    let _ = has_joined.send(Ok(()));
    let (has_code, code) = channel();
    let digits = async move {
        let (digits, code) = typed.await.map_err(|_| stopped())?;
        // It is asked for once the digits turned out right.
        let _ = has_code.send(code);
        Ok(digits)
    };
    let code = async move { code.await.map_err(|_| stopped()) };
    confirming.confirm_with_code(digits, code).await
}

fn stopped() -> Error {
    Error::new(
        ErrorCode::LinkingFailed,
        "Linking was stopped. No device was added.",
    )
}
