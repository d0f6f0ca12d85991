//! A relay that is not there.

use serde_json::Value;

use crate::device::{Device, check};

#[test]
fn a_relay_that_is_not_there_is_named_and_nothing_is_lost() {
    let device = Device::started();
    check(device.failure(&["sync"]), 6, "noRelay");
    check(device.failure(&["device", "add"]), 6, "noRelay");
    // Bound and dropped: nothing listens on this port now.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://127.0.0.1:{port}");
    let invite = "7K2M4-Q9ZX8-7K2M4-Q9ZX8";
    let used = device.failure(&["relay", "use", &url, "--invite", invite]);
    check(used, 6, "relayUnreachable");
    let status = device.json(&["status"]);
    assert_eq!(
        (&status["state"], &status["relay"]),
        (&"local".into(), &Value::Null)
    );
    assert_eq!(device.json(&["device", "list"])[0]["this"], true);
    let other = Device::empty();
    let linked = other.failure(&["device", "link", &url, "7K2M-Q9ZX", "--name", "phone"]);
    check(linked, 6, "relayUnreachable");
    check(other.failure(&["calendar", "list"]), 3, "noProfile");
}
