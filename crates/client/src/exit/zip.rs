//! A ZIP archive (APPNOTE 6.3) whose entries are stored as they are, written from front to back.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Entries and the archive are below four gibibytes each: the plain form holds no more.
const TOO_LARGE: &str = "more than four gibibytes";
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;

/// An archive that is being written.
pub(super) struct Zip {
    file: BufWriter<File>,
    entries: Vec<Entry>,
    open: Option<Entry>,
    written: u64,
    moment: [u16; 2],
}

struct Entry {
    name: String,
    start: u64,
    bytes: u64,
    check: Crc,
}

impl Zip {
    /// Creates the file, for its owner alone.
    pub(super) fn create(path: &Path, now_ms: u64) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self {
            file: BufWriter::new(options.open(path)?),
            entries: Vec::new(),
            open: None,
            written: 0,
            moment: dos_moment(now_ms),
        })
    }

    /// A whole entry.
    pub(super) fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.begin(name)?;
        self.write(text.as_bytes())?;
        self.end()
    }

    /// Begins an entry.
    pub(super) fn begin(&mut self, name: &str) -> io::Result<()> {
        let entry = Entry {
            name: name.to_owned(),
            start: self.written,
            bytes: 0,
            check: Crc::new(),
        };
        let head = local_head(&entry, self.moment)?;
        self.put(&head)?;
        self.open = Some(entry);
        Ok(())
    }

    /// Adds to the entry that was begun.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(entry) = &mut self.open {
            entry.check.add(bytes);
            entry.bytes += bytes.len() as u64;
        }
        self.put(bytes)
    }

    /// Ends the entry: what was not known at its beginning is written there now.
    pub(super) fn end(&mut self) -> io::Result<()> {
        let Some(entry) = self.open.take() else {
            return Ok(());
        };
        let head = local_head(&entry, self.moment)?;
        self.file.seek(SeekFrom::Start(entry.start))?;
        self.file.write_all(&head)?;
        self.file.seek(SeekFrom::Start(self.written))?;
        self.entries.push(entry);
        Ok(())
    }

    /// Writes the list of entries and waits for the disk. Gives the size.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        let start = self.written;
        for entry in std::mem::take(&mut self.entries) {
            let mut head = Vec::new();
            head.extend(0x0201_4b50_u32.to_le_bytes());
            head.extend(20_u16.to_le_bytes());
            common(&mut head, &entry, self.moment)?;
            // No comment, one disk, nothing about the file.
            head.extend([0; 2 + 2 + 2 + 4]);
            head.extend(small(entry.start)?.to_le_bytes());
            head.extend(entry.name.as_bytes());
            self.put(&head)?;
            self.entries.push(entry);
        }
        let count = u16::try_from(self.entries.len()).map_err(|_| too_large())?;
        let mut end = Vec::new();
        end.extend(0x0605_4b50_u32.to_le_bytes());
        end.extend([0; 4]);
        end.extend(count.to_le_bytes());
        end.extend(count.to_le_bytes());
        end.extend(small(self.written - start)?.to_le_bytes());
        end.extend(small(start)?.to_le_bytes());
        end.extend([0; 2]);
        self.put(&end)?;
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(self.written)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }
}

fn local_head(entry: &Entry, moment: [u16; 2]) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    head.extend(0x0403_4b50_u32.to_le_bytes());
    common(&mut head, entry, moment)?;
    head.extend(entry.name.as_bytes());
    Ok(head)
}

/// What stands before every entry and in the list alike: version, flags, no compression, the moment,
/// check sum, sizes and the lengths of name and extra field.
fn common(head: &mut Vec<u8>, entry: &Entry, moment: [u16; 2]) -> io::Result<()> {
    head.extend(20_u16.to_le_bytes());
    head.extend(FLAGS.to_le_bytes());
    head.extend(0_u16.to_le_bytes());
    for part in moment {
        head.extend(part.to_le_bytes());
    }
    head.extend(entry.check.finish().to_le_bytes());
    let bytes = small(entry.bytes)?.to_le_bytes();
    head.extend(bytes);
    head.extend(bytes);
    let name = u16::try_from(entry.name.len()).map_err(|_| too_large())?;
    head.extend(name.to_le_bytes());
    head.extend(0_u16.to_le_bytes());
    Ok(())
}

fn small(number: u64) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| too_large())
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, TOO_LARGE)
}

/// Time, then date, as MS-DOS kept them; in UTC, since the form has no zone.
fn dos_moment(now_ms: u64) -> [u16; 2] {
    let ms = i64::try_from(now_ms).unwrap_or_default();
    let at = Timestamp::from_millisecond(ms).unwrap_or_default();
    let at = at.to_zoned(TimeZone::UTC).datetime();
    let part = |number: i64| u16::try_from(number.max(0)).unwrap_or_default();
    let years = part(i64::from(at.year()) - 1980);
    let date = years << 9 | part(at.month().into()) << 5 | part(at.day().into());
    let time = part(at.hour().into()) << 11
        | part(at.minute().into()) << 5
        | part(i64::from(at.second()) / 2);
    [time, date]
}

/// CRC-32 (ISO 3309), as ZIP uses it.
struct Crc(u32);

impl Crc {
    const TABLE: [u32; 256] = table();

    const fn new() -> Self {
        Self(u32::MAX)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let [low, ..] = self.0.to_le_bytes();
            let place = usize::from(low ^ byte);
            let step = Self::TABLE.get(place).copied().unwrap_or_default();
            self.0 = self.0 >> 8 ^ step;
        }
    }

    const fn finish(&self) -> u32 {
        !self.0
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "computed by the compiler, which would refuse a place that is not there"
)]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut value = at as u32;
        let mut bit = 0;
        while bit < 8 {
            let is_odd = value & 1 == 1;
            value >>= 1;
            if is_odd {
                value ^= 0xEDB8_8320;
            }
            bit += 1;
        }
        table[at] = value;
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_sum_is_that_of_everybody() {
        let mut crc = Crc::new();
        crc.add(b"1234");
        crc.add(b"56789");
        assert_eq!(crc.finish(), 0xCBF4_3926);
    }

    #[test]
    fn entries_can_be_found_from_the_end_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        let mut zip = Zip::create(&path, 1_700_000_000_000).unwrap();
        zip.text("one.txt", "first").unwrap();
        zip.begin("Übung.txt").unwrap();
        zip.write(b"sec").unwrap();
        zip.write(b"ond").unwrap();
        zip.end().unwrap();
        let size = zip.finish().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len() as u64, size);
        let end = &bytes[bytes.len() - 22..];
        assert_eq!(&end[..4], b"PK\x05\x06");
        assert_eq!(end[10], 2, "two entries");
        let start = u32::from_le_bytes(end[16..20].try_into().unwrap());
        let list = &bytes[usize::try_from(start).unwrap()..];
        assert_eq!(&list[..4], b"PK\x01\x02");
        assert_eq!(u32::from_le_bytes(list[24..28].try_into().unwrap()), 5);
        assert!(bytes.windows(6).any(|part| part == b"second"));
    }
}
