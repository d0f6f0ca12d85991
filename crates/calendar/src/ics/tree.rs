//! Components within components, and what to do where a file does not close them.

use std::borrow::Cow;

use super::lines::{Found, Line, Lines};
use super::name::Name;
use super::problem::{Findings, ProblemKind};
use super::text::{from_utf16, shortened};

/// Components within components of a calendar; nobody writes more than three.
const DEPTH_MAX: usize = 8;

/// What a file holds one or several of.
const CALENDAR: &str = "VCALENDAR";

/// Places for lines that are kept from one component to the next.
const LINES_KEPT: usize = 4_096;

/// A component: what stands between BEGIN and END.
#[derive(Debug, Default)]
pub struct Component<'a> {
    /// Its name in capital letters; empty for what stands around all others.
    pub name: Cow<'a, str>,
    /// The line it begins on.
    pub line: usize,
    /// Its properties, in the order of the file.
    pub lines: Vec<Line<'a>>,
    /// The components inside it, in the order of the file.
    pub children: Vec<Component<'a>>,
}

impl<'a> Component<'a> {
    /// The first property of this name.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&Line<'a>> {
        self.lines
            .iter()
            .find(|line| line.name().eq_ignore_ascii_case(name))
    }

    /// The component as it was, unfolded, lines joined by CRLF.
    #[must_use]
    pub fn raw(&self) -> String {
        let mut text = String::new();
        self.each_piece(&mut |piece| text.push_str(piece));
        text
    }

    /// The component, borrowed from nothing.
    fn into_owned(self) -> Component<'static> {
        Component {
            name: Cow::Owned(self.name.into_owned()),
            line: self.line,
            lines: self.lines.into_iter().map(Line::into_owned).collect(),
            children: self.children.into_iter().map(Self::into_owned).collect(),
        }
    }

    /// The pieces of what [`Component::raw`] gives, one after the other.
    pub(super) fn each_piece(&self, put: &mut impl FnMut(&str)) {
        put("BEGIN:");
        put(&self.name);
        put("\r\n");
        for line in &self.lines {
            put(line.text());
            put("\r\n");
        }
        for child in &self.children {
            child.each_piece(put);
            put("\r\n");
        }
        put("END:");
        put(&self.name);
    }
}

/// A component that is still open.
struct Open<'a> {
    component: Component<'a>,
    /// How many lines stood before its own among those of all open ones.
    lines_before: usize,
}

/// Reads components.
struct Tree<'a, 'f> {
    open: Vec<Open<'a>>,
    /// Lines of the components that are open, the outermost first.
    lines: Vec<Line<'a>>,
    findings: &'f mut Findings,
}

/// The components of a file, below one that has no name.
pub(super) fn parse<'a>(bytes: &'a [u8], findings: &mut Findings) -> Component<'a> {
    match from_utf16(bytes) {
        Some(text) => components(text.as_bytes(), findings).into_owned(),
        None => components(bytes, findings),
    }
}

fn components<'a>(bytes: &'a [u8], findings: &mut Findings) -> Component<'a> {
    let mut tree = Tree {
        open: Vec::new(),
        lines: Vec::new(),
        findings,
    };
    tree.open(Component::default());
    let mut ignored = 0_usize;
    let mut is_utf8_so_far = true;
    for found in Lines::new(bytes) {
        let line = match found {
            Found::Bad(number) => {
                tree.findings.add(number, ProblemKind::BadLine);
                continue;
            }
            Found::Long(number) => {
                tree.findings.add(number, ProblemKind::LongLine);
                continue;
            }
            Found::Line(line, is_utf8) => {
                if !is_utf8 && is_utf8_so_far {
                    is_utf8_so_far = false;
                    tree.findings.add(line.number(), ProblemKind::NotUtf8);
                }
                line
            }
        };
        match line.kind() {
            Name::Begin if tree.depth() > DEPTH_MAX => {
                if ignored == 0 {
                    tree.findings.add(line.number(), ProblemKind::TooDeep);
                }
                ignored += 1;
            }
            Name::Begin => {
                let (name, line) = (name_of(&line), line.number());
                tree.open(Component {
                    name,
                    line,
                    ..Component::default()
                });
            }
            Name::End if ignored > 0 => ignored -= 1,
            Name::End => tree.close(&line),
            _ if ignored == 0 => tree.lines.push(line),
            _ => {}
        }
    }
    tree.finish()
}

/// The name a BEGIN line gives, in capital letters.
fn name_of<'a>(line: &Line<'a>) -> Cow<'a, str> {
    let value = line.value().trim();
    for known in [
        "VEVENT",
        "VALARM",
        "VCALENDAR",
        "VTIMEZONE",
        "STANDARD",
        "DAYLIGHT",
    ] {
        if known.eq_ignore_ascii_case(value) {
            return Cow::Borrowed(known);
        }
    }
    Cow::Owned(value.to_ascii_uppercase())
}

impl<'a> Tree<'a, '_> {
    fn open(&mut self, component: Component<'a>) {
        let lines_before = self.lines.len();
        self.open.push(Open {
            component,
            lines_before,
        });
    }

    /// How many components are open within a calendar, or where there is none.
    fn depth(&self) -> usize {
        let outermost = self.open.get(1);
        let is_calendar = outermost.is_some_and(|open| open.component.name == CALENDAR);
        self.open.len() - usize::from(is_calendar)
    }

    fn finish(mut self) -> Component<'a> {
        while self.open.len() > 1 {
            if let Some(Open { component, .. }) = self.open.last() {
                let kind = ProblemKind::NotClosed(shortened(&component.name));
                self.findings.add(component.line, kind);
            }
            self.fold_top();
        }
        let mut top = self
            .open
            .pop()
            .map(|open| open.component)
            .unwrap_or_default();
        top.lines = self.lines;
        top
    }

    /// Ends the component an END line names, and those inside it that were left open.
    fn close(&mut self, line: &Line<'_>) {
        let name = line.value().trim();
        let is_this = |one: &Open<'_>| one.component.name.eq_ignore_ascii_case(name);
        let Some(depth) = self.open.iter().skip(1).rposition(is_this) else {
            let kind = ProblemKind::NotClosed(shortened(name));
            self.findings.add(line.number(), kind);
            return;
        };
        let depth = depth + 1;
        while self.open.len() > depth {
            if self.open.len() > depth + 1 {
                let inner = self.open.last().map(|top| shortened(&top.component.name));
                let kind = ProblemKind::NotClosed(inner.unwrap_or_default());
                self.findings.add(line.number(), kind);
            }
            self.fold_top();
        }
    }

    /// Puts the innermost open component into the one around it. Events left open in an event
    /// stand beside it, and so does a calendar in anything.
    fn fold_top(&mut self) {
        let Some(Open {
            component: mut done,
            lines_before,
        }) = self.open.pop()
        else {
            return;
        };
        done.lines = self.lines.drain(lines_before..).collect();
        // One component with very many lines must not cost their memory twice.
        self.lines.shrink_to(LINES_KEPT);
        let Some(around) = self.open.last_mut() else {
            return;
        };
        let around = &mut around.component.children;
        let is_entry = |name: &str| matches!(name, "VEVENT" | "VTODO" | "VJOURNAL" | "VFREEBUSY");
        let is_in_entry = is_entry(&done.name);
        let stands_beside =
            |one: &Component<'_>| one.name == CALENDAR || is_in_entry && is_entry(&one.name);
        if done.children.iter().any(stands_beside) {
            let (beside, inside) = std::mem::take(&mut done.children)
                .into_iter()
                .partition(stands_beside);
            done.children = inside;
            around.push(done);
            around.extend::<Vec<_>>(beside);
        } else {
            around.push(done);
        }
    }
}
