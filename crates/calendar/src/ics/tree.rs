//! Components within components, and what to do where a file does not close them.

use super::lines::{Found, Line, Lines};
use super::problem::{Problem, ProblemKind};

/// Components within components; nobody writes more than three.
const DEPTH_MAX: usize = 8;

/// A component: what stands between BEGIN and END.
#[derive(Debug)]
pub(super) struct Component<'a> {
    /// Its name in capital letters.
    pub(super) name: String,
    /// The line it begins on.
    pub(super) line: usize,
    pub(super) lines: Vec<Line<'a>>,
    pub(super) children: Vec<Component<'a>>,
}

impl<'a> Component<'a> {
    fn new(name: &str, line: usize) -> Self {
        let name = name.trim().to_ascii_uppercase();
        Self {
            name,
            line,
            lines: Vec::new(),
            children: Vec::new(),
        }
    }

    /// The first property of this name.
    pub(super) fn first(&self, name: &str) -> Option<&Line<'a>> {
        self.lines.iter().find(|line| line.is(name))
    }

    /// The component as it was, unfolded, lines joined by CRLF.
    pub(super) fn raw(&self) -> String {
        let mut text = format!("BEGIN:{}\r\n", self.name);
        for line in &self.lines {
            text.push_str(&line.text);
            text.push_str("\r\n");
        }
        for child in &self.children {
            text.push_str(&child.raw());
            text.push_str("\r\n");
        }
        text.push_str("END:");
        text.push_str(&self.name);
        text
    }
}

/// The components of a file, below one that has no name.
pub(super) fn parse<'a>(bytes: &'a [u8], problems: &mut Vec<Problem>) -> Component<'a> {
    let mut open = vec![Component::new("", 0)];
    let mut ignored = 0_usize;
    let mut is_utf8_so_far = true;
    for found in Lines::new(bytes) {
        let line = match found {
            Found::Bad(number) => {
                problems.push(Problem {
                    line: number,
                    uid: None,
                    kind: ProblemKind::BadLine,
                });
                continue;
            }
            Found::Line(line, is_utf8) => {
                if !is_utf8 && is_utf8_so_far {
                    is_utf8_so_far = false;
                    let kind = ProblemKind::NotUtf8;
                    problems.push(Problem {
                        line: line.number,
                        uid: None,
                        kind,
                    });
                }
                line
            }
        };
        if line.is("BEGIN") {
            if open.len() > DEPTH_MAX {
                if ignored == 0 {
                    let kind = ProblemKind::TooDeep;
                    problems.push(Problem {
                        line: line.number,
                        uid: None,
                        kind,
                    });
                }
                ignored += 1;
            } else {
                open.push(Component::new(line.value(), line.number));
            }
        } else if line.is("END") {
            if ignored > 0 {
                ignored -= 1;
            } else {
                close(&mut open, &line, problems);
            }
        } else if ignored == 0
            && let Some(top) = open.last_mut()
        {
            top.lines.push(line);
        }
    }
    while open.len() > 1 {
        let unclosed = open.last().map(|top| (top.line, top.name.clone()));
        if let Some((line, name)) = unclosed {
            problems.push(Problem {
                line,
                uid: None,
                kind: ProblemKind::NotClosed(name),
            });
        }
        fold_top(&mut open);
    }
    open.pop().unwrap_or_else(|| Component::new("", 0))
}

/// Ends the component an END line names, and those inside it that were left open.
fn close(open: &mut Vec<Component<'_>>, line: &Line<'_>, problems: &mut Vec<Problem>) {
    let name = line.value().trim();
    let is_this = |one: &Component<'_>| one.name.eq_ignore_ascii_case(name);
    let Some(depth) = open.iter().skip(1).rposition(is_this) else {
        let kind = ProblemKind::NotClosed(name.to_owned());
        problems.push(Problem {
            line: line.number,
            uid: None,
            kind,
        });
        return;
    };
    let depth = depth + 1;
    while open.len() > depth {
        if open.len() > depth + 1 {
            let name = open.last().map(|top| top.name.clone()).unwrap_or_default();
            let kind = ProblemKind::NotClosed(name);
            problems.push(Problem {
                line: line.number,
                uid: None,
                kind,
            });
        }
        fold_top(open);
    }
}

/// Puts the innermost open component into the one around it. Events left open in an event stand
/// beside it.
fn fold_top(open: &mut Vec<Component<'_>>) {
    let Some(mut done) = open.pop() else { return };
    let Some(around) = open.last_mut() else {
        return;
    };
    let is_entry = |name: &str| matches!(name, "VEVENT" | "VTODO" | "VJOURNAL" | "VFREEBUSY");
    if is_entry(&done.name) {
        let (entries, inside) = std::mem::take(&mut done.children)
            .into_iter()
            .partition(|one| is_entry(&one.name));
        done.children = inside;
        around.children.push(done);
        around.children.extend::<Vec<_>>(entries);
    } else {
        around.children.push(done);
    }
}
