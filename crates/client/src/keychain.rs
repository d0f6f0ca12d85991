//! The system's keychain, spoken to from one thread of its own.
//!
//! A locked keychain can block for ever and must not take the program with it: every call has a
//! time limit, and the thread is never joined. On Linux the keychain is the Secret Service.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use keyring::{Entry, Error as KeyringError};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result};

/// Name under which the keychain lists our items.
const SERVICE: &str = "org.almanac.desktop";
/// How long a call may take; unlocking asks a person.
const WAIT: Duration = Duration::from_secs(20);

type Call = Box<dyn FnOnce() + Send>;

static CALLS: LazyLock<Mutex<Sender<Call>>> = LazyLock::new(|| {
    let (sender, calls): (Sender<Call>, Receiver<Call>) = channel();
    std::thread::Builder::new()
        .name("keychain".into())
        .spawn(move || calls.into_iter().for_each(|call| call()))
        .expect("a thread can be started");
    Mutex::new(sender)
});

/// The secret of this name; `None` when the keychain works and has none.
pub(crate) fn get(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
    #[cfg(feature = "simulation")]
    if let Some(around) = crate::simulation::around() {
        return Ok(around.secret(name).map(Zeroizing::new));
    }
    let user = name.to_owned();
    call(
        move || match Entry::new(SERVICE, &user).and_then(|entry| entry.get_secret()) {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(KeyringError::NoEntry) => Ok(None),
            Err(error) => Err(error),
        },
    )
}

/// Keeps a secret under this name.
pub(crate) fn set(name: &str, secret: &[u8]) -> Result<()> {
    #[cfg(feature = "simulation")]
    if let Some(around) = crate::simulation::around() {
        around.keep_secret(name, secret);
        return Ok(());
    }
    let (user, secret) = (name.to_owned(), Zeroizing::new(secret.to_vec()));
    call(move || Entry::new(SERVICE, &user)?.set_secret(&secret))
}

/// Forgets the secret of this name; gives whether there was one.
pub(crate) fn remove(name: &str) -> Result<bool> {
    #[cfg(feature = "simulation")]
    if crate::simulation::around().is_some() {
        return Ok(false);
    }
    let user = name.to_owned();
    call(
        move || match Entry::new(SERVICE, &user).and_then(|entry| entry.delete_credential()) {
            Ok(()) => Ok(true),
            Err(KeyringError::NoEntry) => Ok(false),
            Err(error) => Err(error),
        },
    )
}

/// Keeps a secret under this name when the keychain gets to it; nobody waits for that, and one that
/// fails is set again the next time.
pub(crate) fn set_later(name: &str, secret: &[u8]) {
    #[cfg(feature = "simulation")]
    if let Some(around) = crate::simulation::around() {
        around.keep_secret(name, secret);
        return;
    }
    let (user, secret) = (name.to_owned(), Zeroizing::new(secret.to_vec()));
    if let Ok(calls) = CALLS.lock() {
        let set = move || match Entry::new(SERVICE, &user).and_then(|it| it.set_secret(&secret)) {
            Ok(()) => {}
            Err(_) => tracing::warn!("keychain.not_set"),
        };
        // The thread lives as long as the program.
        drop(calls.send(Box::new(set)));
    }
}

fn call<T: Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, KeyringError> + Send + 'static,
) -> Result<T> {
    let (sender, answer) = channel();
    let queued = CALLS
        .lock()
        .map_err(|_| Error::internal("keychain"))?
        .send(Box::new(move || drop(sender.send(work()))));
    queued.map_err(|_| Error::internal("keychain"))?;
    match answer.recv_timeout(WAIT) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) => Err(Error::new(
            ErrorCode::Keychain,
            "This system has no keychain that Almanac can reach, or it is locked. Nothing was \
             changed. Unlock it and try again, or protect the profile with a passphrase instead.",
        )),
        Err(_) => Err(Error::new(
            ErrorCode::Keychain,
            "The system's keychain did not answer in 20 seconds. Nothing was changed. Unlock it \
             and try again.",
        )),
    }
}
