//! What goes wrong, and the sentence that a person reads then.

use std::io::{Read, Write};
use std::net::TcpListener;

use almanac_scenarios::{Run, World};

fn sentence(run: &Run, status: i32, expected: &str) {
    assert_eq!(run.status, Some(status), "{}", run.stderr);
    assert!(
        run.stdout.is_empty(),
        "nothing but the sentence: {}",
        run.stdout
    );
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}

#[test]
fn an_unreachable_relay_is_named_and_nothing_is_lost() {
    let world = World::new();
    let mut relay = world.relay();
    let ada = world.device("ada laptop");
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    relay.kill();
    ada.add("kept", "2026-11-20T10:00");
    sentence(&ada.run(&["sync"]), 6, "Everything is saved on this device");
    assert_eq!(ada.titles(), ["kept"]);
}

#[test]
fn a_web_page_in_place_of_the_relay_is_recognised() {
    let world = World::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = [0; 2048];
            let _ = stream.read(&mut request);
            let page = "<html><body>Please sign in to the hotel network</body></html>";
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}",
                page.len()
            );
        }
    });
    let ada = world.device("ada laptop");
    ada.init();
    let run = ada.run(&["relay", "use", &url, "--invite", "ABCDE-ABCDE-ABCDE-ABCDE"]);
    sentence(&run, 6, "it is not an Almanac relay");
}

#[test]
fn a_wrong_or_used_invite_is_refused_in_words() {
    let world = World::new();
    let relay = world.relay();
    let (ada, bob) = (world.device("ada laptop"), world.device("bob laptop"));
    ada.init();
    bob.init();
    let wrong = ada.run(&[
        "relay",
        "use",
        &relay.url(),
        "--invite",
        "ABCDE-ABCDE-ABCDE-ABCDE",
    ]);
    sentence(&wrong, 7, "does not know this invite");
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    let used = bob.run(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    sentence(&used, 7, "does not know this invite");
}

#[test]
fn plain_text_to_another_computer_is_refused() {
    let world = World::new();
    let ada = world.device("ada laptop");
    ada.init();
    let run = ada.run(&["relay", "use", "http://192.0.2.7:8440", "--invite", "ABCDE"]);
    sentence(&run, 2, "without TLS");
}

#[test]
fn wrong_digits_add_no_device() {
    let world = World::new();
    let relay = world.relay();
    let (ada, thief) = (world.device("ada laptop"), world.device("thief"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.sync();
    let linking = ada.begin_linking();
    let routing = linking.routing.clone();
    let mut joining = thief.start_joining(&relay.url(), &routing);
    assert!(!linking.confirm("000 000 000"), "wrong digits are refused");
    assert!(!joining.wait().unwrap().success());
    assert_eq!(ada.ok(&["device", "list"]).as_array().unwrap().len(), 1);
    // One attempt for each routing code: the same one leads nowhere now.
    assert!(
        !thief
            .start_joining(&relay.url(), &routing)
            .wait()
            .unwrap()
            .success()
    );
}
