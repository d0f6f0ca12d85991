//! A small WebDriver client (W3C WebDriver 2): find, click, drag, type, run a script, take a
//! picture.
//!
//! Scripts are always run from a timer. Inside the driver's own call WebKit drains microtasks in
//! the middle of synchronous code, which breaks the interface's framework where no person ever
//! could.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use almanac_scenarios::steady_port;
use serde_json::{Value, json};

use crate::session::{Desktop, Running};
use crate::{base64, http, wait};

/// The key under which the driver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Moves between the ends of a drag; the driver jumps and invents none.
const DRAG_STEPS: i32 = 12;

/// A window under control; closes when dropped.
#[derive(Debug)]
pub(crate) struct Window {
    port: u16,
    id: String,
    /// What the driver and the program wrote; shown when a test fails.
    log: PathBuf,
    home: PathBuf,
    _driver: Running,
}

/// Something on the page.
#[derive(Debug, Clone)]
pub(crate) struct Element(String);

/// A point of the page, in its own pixels from the top left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Window {
    /// Starts the driver and, through it, the program.
    pub(crate) fn open(desktop: &Desktop, program: &Path, words: &[&str]) -> Self {
        assert!(program.is_file(), "{} is not there", program.display());
        let port = steady_port();
        let mut command = desktop.command("WebKitWebDriver");
        let log = desktop.home().join("window.log");
        let output = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .expect("a log");
        command
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(output);
        command
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true");
        let driver = desktop.start_program(&mut command);
        wait::until("the driver", || {
            http::ask(port, "GET", "/status", None).ok()
        });
        let options = json!({ "binary": program, "args": words });
        let wanted = json!({ "alwaysMatch": { "webkitgtk:browserOptions": options } });
        let body = json!({ "capabilities": wanted });
        let answer = http::ask(port, "POST", "/session", Some(&body)).expect("an answer");
        let id = answer["value"]["sessionId"].as_str();
        let id = id
            .unwrap_or_else(|| panic!("no session: {answer}"))
            .to_owned();
        Self {
            port,
            id,
            log,
            home: desktop.home().to_path_buf(),
            _driver: driver,
        }
    }

    /// Shows an address.
    pub(crate) fn go_to(&self, address: &str) {
        self.post("url", &json!({ "url": address }));
    }

    /// The first element, as soon as there is one.
    pub(crate) fn find(&self, selector: &str) -> Element {
        wait::until(&format!("an element {selector}"), || {
            self.find_all(selector).into_iter().next()
        })
    }

    /// All elements at this moment.
    pub(crate) fn find_all(&self, selector: &str) -> Vec<Element> {
        let found = self.post(
            "elements",
            &json!({ "using": "css selector", "value": selector }),
        );
        let list = found.as_array().cloned().unwrap_or_default();
        let names = list.iter().filter_map(|entry| entry[ELEMENT].as_str());
        names.map(|name| Element(name.to_owned())).collect()
    }

    /// The first element of that selector whose accessible name contains the words.
    pub(crate) fn find_named(&self, selector: &str, words: &str) -> Element {
        wait::until(&format!("{selector} called “{words}”"), || {
            let mut found = self.find_all(selector).into_iter();
            found.find(|element| self.accessible_name(element).contains(words))
        })
    }

    /// What a screen reader would say.
    pub(crate) fn accessible_name(&self, element: &Element) -> String {
        self.get_or_null(&format!("element/{}/computedlabel", element.0))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Text as shown.
    pub(crate) fn text(&self, element: &Element) -> String {
        self.get(&format!("element/{}/text", element.0))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Clicks the middle of an element.
    pub(crate) fn click(&self, element: &Element) {
        self.post(&format!("element/{}/click", element.0), &json!({}));
    }

    /// Presses something as its own label would, also where it is drawn by that alone.
    pub(crate) fn press_on(&self, element: &Element) {
        let drawn = self.script(
            "const one = arguments[0];
             return one.type === 'radio' ? one.closest('label') : one;",
            &[json!({ ELEMENT: element.0 })],
        );
        let drawn = drawn[ELEMENT].as_str().unwrap_or(&element.0);
        self.click(&Element(drawn.to_owned()));
    }

    /// Types into whatever has the focus. Plain ASCII and the driver's key codes only: it drops
    /// other letters silently.
    pub(crate) fn press(&self, keys: &str) {
        assert!(
            keys.chars()
                .all(|c| c.is_ascii() || ('\u{e000}'..='\u{f8ff}').contains(&c))
        );
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                [
                    json!({ "type": "keyDown", "value": key }),
                    json!({ "type": "keyUp", "value": key }),
                ]
            })
            .collect();
        self.act(&json!({ "type": "key", "id": "keyboard", "actions": strokes }));
    }

    /// Holds a key while pressing another.
    pub(crate) fn chord(&self, held: &str, key: &str) {
        self.act(&json!({ "type": "key", "id": "keyboard", "actions": [
            { "type": "keyDown", "value": held },
            { "type": "keyDown", "value": key },
            { "type": "keyUp", "value": key },
            { "type": "keyUp", "value": held },
        ]}));
    }

    /// Presses, moves in steps and lets go, as a hand does.
    pub(crate) fn drag(&self, from: Point, to: Point) {
        let mut actions = vec![
            point_at(from),
            json!({ "type": "pointerDown", "button": 0 }),
        ];
        for step in 1..=DRAG_STEPS {
            let part = f64::from(step) / f64::from(DRAG_STEPS);
            let x = from.x + (to.x - from.x) * part;
            let y = from.y + (to.y - from.y) * part;
            actions.push(point_at(Point { x, y }));
        }
        actions.push(json!({ "type": "pointerUp", "button": 0 }));
        self.act(&json!({ "type": "pointer", "id": "mouse", "actions": actions }));
    }

    /// Presses twice in one place.
    pub(crate) fn double_click(&self, at: Point) {
        let press = [
            json!({ "type": "pointerDown", "button": 0 }),
            json!({ "type": "pointerUp", "button": 0 }),
        ];
        let mut actions = vec![point_at(at)];
        actions.extend(press.iter().chain(&press).cloned());
        self.act(&json!({ "type": "pointer", "id": "mouse", "actions": actions }));
    }

    /// Puts a file into a field for files, as its dialog would.
    pub(crate) fn choose_file(&self, field: &Element, file: &Path) {
        let text = file.to_str().expect("a path in Unicode");
        self.post(
            &format!("element/{}/value", field.0),
            &json!({ "text": text }),
        );
    }

    /// Runs the body of a function; `arguments` are its own. A promise is waited for.
    pub(crate) fn script(&self, body: &str, arguments: &[Value]) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const given = [...arguments].slice(0, -1);
             setTimeout(async () => {{
               try {{ done({{ value: await (async function () {{ {body} }}).apply(null, given) }}); }}
               catch (error) {{ done({{ error: String(error) }}); }}
             }}, 0);"
        );
        let answer = self.post(
            "execute/async",
            &json!({ "script": script, "args": arguments }),
        );
        assert!(
            answer["error"].is_null(),
            "the page answered {} to {body}",
            answer["error"]
        );
        answer["value"].clone()
    }

    /// The middle of an element.
    pub(crate) fn middle_of(&self, element: &Element) -> Point {
        let rect = self.script(
            "const r = arguments[0].getBoundingClientRect(); return [r.x, r.y, r.width, r.height];",
            &[json!({ ELEMENT: element.0 })],
        );
        let side = |index: usize| rect[index].as_f64().expect("a number");
        Point {
            x: side(0) + side(2) / 2.0,
            y: side(1) + side(3) / 2.0,
        }
    }

    /// Waits until nothing fades or slides any more.
    pub(crate) fn settle(&self) {
        self.script(
            "const ends = (a) => a.effect.getComputedTiming().endTime < 5000;
             await Promise.allSettled(document.getAnimations().filter(ends).map((a) => a.finished));
             await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));",
            &[],
        );
    }

    /// Leaves a picture in `target/screenshots`.
    pub(crate) fn picture(&self, name: &str) -> PathBuf {
        self.settle();
        let bytes = base64::decode(self.get("screenshot").as_str().expect("a picture"));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        fs::create_dir_all(&folder).expect("a folder for pictures");
        let file = folder.join(format!("{name}.png"));
        fs::write(&file, &bytes).expect("the picture is written");
        assert!(
            bytes.starts_with(b"\x89PNG"),
            "{} is no picture",
            file.display()
        );
        file
    }

    fn act(&self, source: &Value) {
        self.post("actions", &json!({ "actions": [source] }));
    }

    fn get(&self, command: &str) -> Value {
        self.checked("GET", command, None)
    }

    fn get_or_null(&self, command: &str) -> Value {
        let path = format!("/session/{}/{command}", self.id);
        let answer = http::ask(self.port, "GET", &path, None).expect("an answer");
        // An element that went away meanwhile has no name.
        if answer["value"]["error"].is_null() {
            answer["value"].clone()
        } else {
            Value::Null
        }
    }

    fn post(&self, command: &str, body: &Value) -> Value {
        self.checked("POST", command, Some(body))
    }

    fn checked(&self, method: &str, command: &str, body: Option<&Value>) -> Value {
        let path = format!("/session/{}/{command}", self.id);
        let answer = http::ask(self.port, method, &path, body);
        let answer = answer.unwrap_or_else(|error| panic!("{command} {body:?}: {error}"));
        let value = answer["value"].clone();
        assert!(value["error"].is_null(), "{command}: {value}");
        value
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = fs::read_to_string(&self.log).unwrap_or_default();
            eprintln!("what the window said: {said}");
        }
        // The program may have closed by itself.
        let path = format!("/session/{}", self.id);
        let _closed = http::ask(self.port, "DELETE", &path, None);
        // Its profile is free once it has ended; a second start must not meet the first.
        let deadline = Instant::now() + wait::PATIENCE;
        while runs_in(&self.home) && Instant::now() < deadline {
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

/// Whether the window of that home still runs, by what the system tells of processes.
fn runs_in(home: &Path) -> bool {
    let of_home = format!("HOME={}", home.display());
    let processes = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(Result::ok);
    processes.map(|process| process.path()).any(|process| {
        let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        name.starts_with("almanac-app")
            && environment
                .split(|byte| *byte == 0)
                .any(|entry| entry == of_home.as_bytes())
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a page is far smaller than any integer"
)]
fn point_at(point: Point) -> Value {
    let (x, y) = (point.x.round() as i64, point.y.round() as i64);
    json!({ "type": "pointerMove", "duration": 12, "origin": "viewport", "x": x, "y": y })
}
