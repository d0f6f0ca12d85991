//! Lines that cut, hold back, drip, double and lead to a page of the hotel: what was saved stays saved,
//! and arrives once.

use almanac_scenarios::{Device, Proxy, RelayProcess, Towards, Weather, World};

/// A relay, a laptop that reaches it through a proxy, and a desk that reaches it directly.
struct Apart {
    _world: World,
    _relay: RelayProcess,
    proxy: Proxy,
    ada: Device,
    desk: Device,
}

fn apart() -> Apart {
    let world = World::new();
    let relay = world.relay();
    let proxy = Proxy::start(relay.port());
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    ada.ok(&["relay", "use", &proxy.url(), "--invite", relay.invite()]);
    ada.sync();
    desk.link_to(&ada, &relay.url());
    Apart {
        _world: world,
        _relay: relay,
        proxy,
        ada,
        desk,
    }
}

impl Apart {
    /// Once the weather is fair both show exactly this.
    fn agree_on(&self, titles: &[String]) {
        self.proxy.set(Weather::Fair);
        for device in [&self.ada, &self.desk, &self.ada] {
            assert_eq!(device.sync()["outbox"], 0);
        }
        let mut expected = titles.to_vec();
        expected.sort();
        for device in [&self.ada, &self.desk] {
            assert_eq!(device.titles(), expected, "each once, on both");
            assert_eq!(device.ok(&["status"])["quarantined"], 0);
        }
    }

    /// Bytes of a sync with nothing to send, both ways together.
    fn bytes_of_a_quiet_sync(&self) -> usize {
        let before = self.proxy.bytes_passed();
        self.ada.sync();
        usize::try_from(self.proxy.bytes_passed() - before).unwrap()
    }
}

#[test]
fn fault_06_a_line_cut_at_any_byte_loses_nothing_and_doubles_nothing() {
    let story = apart();
    let most = story.bytes_of_a_quiet_sync() + 1_500;
    let mut titles = Vec::new();
    for (number, towards) in (0..6).zip([Towards::Relay, Towards::Device].into_iter().cycle()) {
        for (device, place) in [(&story.ada, "laptop"), (&story.desk, "desk")] {
            let title = format!("{place} {number}");
            device.add(&title, "2026-11-20T10:00");
            titles.push(title);
        }
        story.desk.sync();
        let after = most * number / 6;
        story.proxy.set(Weather::Cut { towards, after });
        let run = story.ada.run(&["sync"]);
        assert!(matches!(run.status, Some(0 | 6)), "{}", run.stderr);
        if run.status == Some(6) {
            assert!(
                run.stderr.contains("saved on this device"),
                "{}",
                run.stderr
            );
        }
    }
    story.agree_on(&titles);
}

#[test]
fn fault_06_a_line_cut_one_byte_before_the_end_is_a_cut() {
    let story = apart();
    story.ada.sync();
    let (mut low, mut high) = (0, story.bytes_of_a_quiet_sync());
    // The shortest connection towards the device that is enough: one byte less is a cut.
    while low < high {
        let after = (low + high) / 2;
        story.proxy.set(Weather::Cut {
            towards: Towards::Device,
            after,
        });
        if story.ada.run(&["sync"]).status == Some(0) {
            high = after;
        } else {
            low = after + 1;
        }
    }
    story.ada.add("at the last byte", "2026-11-20T10:00");
    story.proxy.set(Weather::Cut {
        towards: Towards::Device,
        after: high - 1,
    });
    let run = story.ada.run(&["sync"]);
    assert_eq!(run.status, Some(6), "{}", run.stderr);
    story.agree_on(&["at the last byte".into()]);
}

#[test]
fn fault_08_messages_of_the_relay_that_come_twice_count_once() {
    let story = apart();
    story.desk.add("from the desk", "2026-11-20T10:00");
    story.desk.sync();
    story.ada.add("from the laptop", "2026-11-20T11:00");
    story.proxy.set(Weather::Doubling);
    let run = story.ada.run(&["sync"]);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    story.agree_on(&["from the desk".into(), "from the laptop".into()]);
}

#[test]
fn fault_09_a_line_that_takes_connections_and_says_nothing_is_given_up() {
    let story = apart();
    story.ada.add("kept", "2026-11-20T10:00");
    story.proxy.set(Weather::Dead);
    let run = story.ada.run(&["sync"]);
    assert_eq!(run.status, Some(6), "{}", run.stderr);
    assert!(
        run.stderr.contains("saved on this device"),
        "{}",
        run.stderr
    );
    story.agree_on(&["kept".into()]);
}

#[test]
fn fault_09_a_reader_that_is_stuck_holds_up_nobody_else() {
    let story = apart();
    let _connected = story.ada.watch();
    story.desk.add("first", "2026-11-20T10:00");
    story.desk.sync();
    story.ada.comes_to_show(&["first"]);
    story.proxy.set(Weather::Held {
        towards: Towards::Device,
        after: 0,
    });
    story.desk.add("second", "2026-11-20T11:00");
    assert_eq!(story.desk.sync()["outbox"], 0, "the desk is not held up");
    story.proxy.wait_until_held();
    story.desk.add("third", "2026-11-20T12:00");
    assert_eq!(story.desk.sync()["outbox"], 0, "nor later");
    story.proxy.set(Weather::Fair);
    story.ada.comes_to_show(&["first", "second", "third"]);
}

#[test]
fn fault_42_a_proxy_that_passes_one_byte_at_a_time_only_costs_time() {
    let story = apart();
    story.desk.add("from the desk", "2026-11-20T10:00");
    story.desk.sync();
    story.ada.add("from the laptop", "2026-11-20T11:00");
    story.proxy.set(Weather::Trickling);
    assert_eq!(story.ada.sync()["outbox"], 0);
    assert_eq!(story.ada.titles(), ["from the desk", "from the laptop"]);
    story.agree_on(&["from the desk".into(), "from the laptop".into()]);
}

#[test]
fn fault_42_a_proxy_that_lets_no_web_socket_through_is_named() {
    let story = apart();
    story.ada.add("kept", "2026-11-20T10:00");
    story.proxy.set(Weather::Stripping);
    let run = story.ada.run(&["sync"]);
    assert_eq!(run.status, Some(6), "{}", run.stderr);
    assert!(
        run.stderr.contains("not an Almanac relay"),
        "{}",
        run.stderr
    );
    story.agree_on(&["kept".into()]);
}

#[test]
fn fault_43_a_page_of_the_hotel_is_named_and_a_connected_device_gets_past_it_by_itself() {
    let story = apart();
    story.ada.add("kept", "2026-11-20T10:00");
    story.proxy.set(Weather::Portal);
    let run = story.ada.run(&["sync"]);
    assert_eq!(run.status, Some(6), "{}", run.stderr);
    for words in ["sign in first", "everything is saved on this device"] {
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    let _connected = story.ada.watch();
    story.desk.add("from the desk", "2026-11-20T11:00");
    story.desk.sync();
    story.proxy.set(Weather::Fair);
    story.ada.comes_to_show(&["from the desk", "kept"]);
}

#[test]
fn fault_45_a_device_killed_while_it_reads_the_stream_finds_everything_afterwards() {
    let story = apart();
    let mut titles = Vec::new();
    for number in 0..12 {
        let title = format!("event {number}");
        story.desk.add(&title, "2026-11-20T10:00");
        titles.push(title);
    }
    story.desk.sync();
    for part in 1..6 {
        story.proxy.set(Weather::Held {
            towards: Towards::Device,
            after: part * 1_500,
        });
        let mut child = story.ada.command(&["sync"]).spawn().unwrap();
        story.proxy.wait_until_held();
        child.kill().unwrap();
        child.wait().unwrap();
        story.proxy.set(Weather::Fair);
    }
    story.agree_on(&titles);
}
