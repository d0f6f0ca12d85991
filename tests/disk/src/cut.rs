//! What a power cut may leave of a disk.
//!
//! Of every file what was there at its last sync is certain. Of each write since then every sector
//! may be there or not, in any order; a file may have become longer without the bytes; a sector that
//! was being written may hold anything, unless the disk promised otherwise. A name made or removed
//! since the folder was last synced may or may not be.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::content::Content;
use crate::dice::Dice;
use crate::disk::Disk;
use crate::log::{Contents, Inode, Operation, Promise, Recording};

/// What a disk writes whole or not at all, in bytes.
const SECTOR: usize = 512;

/// A place in a recording, and the images of a power cut there.
#[derive(Debug)]
pub struct Cuts<'a> {
    recording: &'a Recording,
    at: usize,
    files: Vec<FileThere>,
    names: BTreeMap<String, Inode>,
    /// For each name what it stood for since the folder was last synced, one after the other.
    names_since: BTreeMap<&'a str, Vec<Option<Inode>>>,
}

#[derive(Debug, Default)]
struct FileThere {
    durable: Content,
    since: Vec<Pending>,
}

/// What was done to a file since it was last synced.
#[derive(Debug)]
struct Pending {
    operation: usize,
    what: Doing,
}

#[derive(Debug)]
enum Doing {
    Write { offset: usize, bytes: Arc<[u8]> },
    SetLen { len: usize },
}

/// How much is lost.
#[derive(Debug, Clone, Copy)]
enum Loss {
    Nothing,
    Everything,
    /// All from this operation on, of which the first sectors are there.
    After {
        operation: usize,
        sectors: usize,
    },
    /// Whole writes, so many in eight.
    Writes {
        odds: u64,
    },
    /// Sectors, so many in eight.
    Sectors {
        odds: u64,
    },
}

impl<'a> Cuts<'a> {
    /// The beginning of a recording.
    #[must_use]
    pub fn new(recording: &'a Recording) -> Self {
        let durable = recording.before.files.iter().cloned();
        Self {
            recording,
            at: 0,
            files: durable
                .map(|durable| FileThere {
                    durable,
                    since: Vec::new(),
                })
                .collect(),
            names: recording.before.names.clone(),
            names_since: BTreeMap::new(),
        }
    }

    /// Goes on to a later place, after so many operations.
    pub fn advance_to(&mut self, operation: usize) {
        while self.at < operation {
            let Some(next) = self.recording.operations.get(self.at) else {
                return;
            };
            self.go_on(next);
            self.at += 1;
        }
    }

    fn go_on(&mut self, operation: &'a Operation) {
        match operation {
            Operation::Create { name, inode } => {
                self.files.resize_with(inode + 1, FileThere::default);
                self.names_since.entry(name).or_default().push(Some(*inode));
            }
            Operation::Delete { name } => {
                self.names_since.entry(name).or_default().push(None);
            }
            Operation::SyncFolder => self.names = self.names_now(|states| states.len()),
            Operation::Write {
                inode,
                offset,
                bytes,
            } => self.wait(
                *inode,
                Doing::Write {
                    offset: *offset,
                    bytes: Arc::clone(bytes),
                },
            ),
            Operation::SetLen { inode, len } => self.wait(*inode, Doing::SetLen { len: *len }),
            Operation::Sync { inode } => {
                let file = &mut self.files[*inode];
                for pending in std::mem::take(&mut file.since) {
                    pending.happen(&mut file.durable);
                }
            }
        }
        if matches!(operation, Operation::SyncFolder) {
            self.names_since.clear();
        }
    }

    fn wait(&mut self, inode: Inode, what: Doing) {
        self.files[inode].since.push(Pending {
            operation: self.at,
            what,
        });
    }

    /// The names, of each as many changes as `count` says.
    fn names_now(
        &self,
        mut count: impl FnMut(&[Option<Inode>]) -> usize,
    ) -> BTreeMap<String, Inode> {
        let mut names = self.names.clone();
        for (name, states) in &self.names_since {
            match count(states)
                .checked_sub(1)
                .and_then(|last| states.get(last))
            {
                Some(Some(inode)) => drop(names.insert((*name).to_owned(), *inode)),
                Some(None) => drop(names.remove(*name)),
                None => {}
            }
        }
        names
    }

    /// What is there if only the program ends here: everything.
    #[must_use]
    pub fn whole(&self) -> Disk {
        self.build(Loss::Nothing, &mut Dice::new(0))
    }

    /// What may be there if the power goes here.
    #[must_use]
    pub fn image(&self, seed: u64) -> Disk {
        let mut dice = Dice::new(seed ^ (self.at as u64).wrapping_mul(0xD134_2543_DE82_EF95));
        let loss = self.loss(&mut dice);
        self.build(loss, &mut dice)
    }

    fn loss(&self, dice: &mut Dice) -> Loss {
        let odds = [1, 4, 7][usize::try_from(dice.below(3)).unwrap_or_default()];
        match dice.below(8) {
            0 => Loss::Everything,
            1 => Loss::Nothing,
            2 | 3 => {
                let pending = self.files.iter().flat_map(|file| &file.since);
                let operations: Vec<usize> = pending.map(|one| one.operation).collect();
                let chosen = dice.below(operations.len() as u64);
                let chosen = usize::try_from(chosen).unwrap_or_default();
                Loss::After {
                    operation: operations.get(chosen).copied().unwrap_or(self.at),
                    sectors: usize::try_from(dice.below(10)).unwrap_or_default(),
                }
            }
            4 | 5 => Loss::Writes { odds },
            _ => Loss::Sectors { odds },
        }
    }

    fn build(&self, loss: Loss, dice: &mut Dice) -> Disk {
        let names = self.names_now(|states| match loss {
            Loss::Nothing => states.len(),
            Loss::Everything => 0,
            Loss::After { .. } | Loss::Writes { .. } | Loss::Sectors { .. } => {
                let count = dice.below(states.len() as u64 + 1);
                usize::try_from(count).unwrap_or_default()
            }
        });
        let mut contents = Contents::default();
        for (name, inode) in names {
            let file = &self.files[inode];
            let mut content = file.durable.clone();
            for pending in &file.since {
                pending.happen_partly(&mut content, loss, self.recording.promise, dice);
            }
            contents.names.insert(name, contents.files.len());
            contents.files.push(content);
        }
        Disk::from_contents(contents, self.recording.promise)
    }
}

impl Pending {
    fn happen(&self, content: &mut Content) {
        match &self.what {
            Doing::Write { offset, bytes } => content.write(*offset, bytes),
            Doing::SetLen { len } => content.set_len(*len),
        }
    }

    fn happen_partly(&self, content: &mut Content, loss: Loss, promise: Promise, dice: &mut Dice) {
        match (loss, &self.what) {
            (Loss::Nothing, _) => self.happen(content),
            (Loss::Everything, _) => {}
            (Loss::After { operation, sectors }, what) => {
                match (self.operation.cmp(&operation), what) {
                    (std::cmp::Ordering::Less, _) => self.happen(content),
                    (std::cmp::Ordering::Equal, Doing::Write { offset, bytes }) => {
                        for (at, piece) in pieces(*offset, bytes).take(sectors) {
                            content.write(at, piece);
                        }
                    }
                    (std::cmp::Ordering::Equal | std::cmp::Ordering::Greater, _) => {}
                }
            }
            (Loss::Writes { odds }, _) | (Loss::Sectors { odds }, Doing::SetLen { .. }) => {
                if dice.falls(odds) {
                    self.happen(content);
                }
            }
            (Loss::Sectors { odds }, Doing::Write { offset, bytes }) => {
                for (at, piece) in pieces(*offset, bytes) {
                    if dice.falls(odds) {
                        content.write(at, piece);
                    } else if promise == Promise::None && dice.below(16) == 0 {
                        garble(content, at, dice);
                    } else if dice.below(4) == 0 {
                        content.lengthen(at + piece.len());
                    }
                }
            }
        }
    }
}

/// A write, cut where sectors begin.
fn pieces(offset: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let first = (SECTOR - offset % SECTOR).min(bytes.len());
    let (head, rest) = bytes.split_at(first);
    let rest = rest
        .chunks(SECTOR)
        .enumerate()
        .map(move |(number, piece)| (offset + first + number * SECTOR, piece));
    std::iter::once((offset, head)).chain(rest)
}

/// Leaves anything in the sector around a byte.
fn garble(content: &mut Content, at: usize, dice: &mut Dice) {
    let mut sector = [0; SECTOR];
    dice.fill(&mut sector);
    content.write(at / SECTOR * SECTOR, &sector);
}
