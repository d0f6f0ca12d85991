//! A window and a second device: what one writes the other shows, without being asked.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use almanac_scenarios::{Device, World};

use crate::look;
use crate::programs;
use crate::session::Desktop;
use crate::wait;
use crate::webdriver::Window;
use crate::week::Week;

#[test]
fn what_another_device_writes_appears_by_itself() {
    let world = World::new();
    let relay = world.relay();
    let desktop = Desktop::start();
    // The first start makes the account; its key lies in this desktop's keychain.
    Week::shown_in(&Window::open(&desktop, &programs::window(), &[]));
    let mut use_relay = desktop.command(almanac_scenarios::almanac());
    use_relay.args(["relay", "use", &relay.url(), "--invite", relay.invite()]);
    assert!(use_relay.status().expect("almanac starts").success());
    let laptop = world.device("laptop");
    link(&desktop, &laptop, &relay.url());

    let window = Window::open(&desktop, &programs::window(), &[]);
    let week = Week::shown_in(&window);
    week.show_hours_from(8);
    laptop.sync();
    laptop.add("Written on the laptop", &format!("{}T10:00", week.today()));
    laptop.sync();
    week.event("Written on the laptop");
    let place = week.place_of("Written on the laptop");
    assert_eq!((place.start, place.end), (600, 660));
    window.picture("second-device");

    week.create_by_drag(1, 13 * 60, 14 * 60, "Drawn in the window");
    wait::until("the laptop to show what was drawn", || {
        laptop.sync();
        laptop
            .titles()
            .contains(&"Drawn in the window".to_owned())
            .then_some(())
    });
    about_sync(&window, &week);
}

/// The line at the foot of the sidebar opens what there is to know, from where all of it is
/// checked again; nothing is lost or doubled by that.
fn about_sync(window: &Window, week: &Week<'_>) {
    window.click(&window.find("p[role=status] button"));
    let sheet = window.find("dialog");
    wait::until("the laptop among the devices", || {
        window.text(&sheet).contains("laptop").then_some(())
    });
    for theme in ["dark", "light"] {
        window.script(
            "document.documentElement.dataset.theme = arguments[0]",
            &[theme.into()],
        );
        window.settle();
        window.picture(&format!("sync-{theme}"));
        assert_eq!(look::faint_texts(window), [""; 0]);
        assert_eq!(look::clipped_texts(window), [""; 0]);
    }
    week.press_button("Check everything again");
    wait::until("the outcome of the check", || {
        window.text(&sheet).contains("read again").then_some(())
    });
    window.click(&window.find_named("dialog footer button", "Close"));
    week.event("Drawn in the window");
    week.event("Written on the laptop");
}

/// The window's device shows a routing code and is given the laptop's nine digits.
fn link(desktop: &Desktop, laptop: &Device, url: &str) {
    let mut add = desktop.command(almanac_scenarios::almanac());
    add.args(["device", "add"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut adding = add.spawn().expect("almanac starts");
    let output = BufReader::new(adding.stdout.take().expect("its output"));
    let mut words = output.lines().map_while(Result::ok).flat_map(|line| {
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let is_code = |word: &String| word.len() == 9 && word.chars().nth(4) == Some('-');
    let routing = words.find(is_code).expect("a routing code");
    let mut joining = laptop.start_joining(url, &routing);
    let output = BufReader::new(joining.stdout.take().expect("its output"));
    let digits_in = |line: &str| {
        line.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let mut lines = output
        .lines()
        .map_while(Result::ok)
        .map(|line| digits_in(&line));
    let digits = lines.find(|digits| digits.len() == 9).expect("nine digits");
    let mut input = adding.stdin.take().expect("its input");
    writeln!(input, "{digits}").expect("the digits are read");
    drop(input);
    assert!(joining.wait().expect("it ends").success());
    assert!(adding.wait().expect("it ends").success());
}
