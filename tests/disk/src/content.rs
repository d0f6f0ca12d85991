//! The bytes of one file. Cheap to copy: copies share pages until one of them is written.

use std::sync::Arc;

const PAGE: usize = 4096;

#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    pages: Vec<Arc<[u8; PAGE]>>,
    len: usize,
}

impl Content {
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Reads what there is from `offset`, and tells how much that was.
    pub(crate) fn read(&self, offset: usize, into: &mut [u8]) -> usize {
        let end = self.len.min(offset.saturating_add(into.len()));
        let mut at = offset;
        while at < end {
            let within = at % PAGE;
            let count = (PAGE - within).min(end - at);
            into[at - offset..at - offset + count]
                .copy_from_slice(&self.pages[at / PAGE][within..within + count]);
            at += count;
        }
        end.saturating_sub(offset)
    }

    /// Writes, and makes the file longer where it has to be.
    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        self.lengthen(end);
        let mut at = offset;
        while at < end {
            let within = at % PAGE;
            let count = (PAGE - within).min(end - at);
            let from = &bytes[at - offset..at - offset + count];
            let page = &mut self.pages[at / PAGE];
            if let Ok(whole) = <&[u8; PAGE]>::try_from(from) {
                *page = Arc::new(*whole);
            } else {
                Arc::make_mut(page)[within..within + count].copy_from_slice(from);
            }
            at += count;
        }
    }

    /// Makes the file at least so long; what is new is zero.
    pub(crate) fn lengthen(&mut self, len: usize) {
        if len > self.len {
            self.len = len;
            self.pages
                .resize_with(len.div_ceil(PAGE), || Arc::new([0; PAGE]));
        }
    }

    /// Cuts the file off, or makes it longer.
    pub(crate) fn set_len(&mut self, len: usize) {
        if len >= self.len {
            return self.lengthen(len);
        }
        self.len = len;
        self.pages.truncate(len.div_ceil(PAGE));
        let within = len % PAGE;
        if let Some(last) = self.pages.last_mut().filter(|_| within > 0) {
            Arc::make_mut(last)[within..].fill(0);
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len];
        self.read(0, &mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_the_other_writes_over() {
        let mut one = Content::default();
        one.write(4000, &[7; 5000]);
        let other = one.clone();
        one.write(4090, &[9; 12]);
        one.set_len(4100);
        one.lengthen(4200);
        let (one, other) = (one.bytes(), other.bytes());
        assert_eq!(other, [vec![0; 4000], vec![7; 5000]].concat());
        let expected = [vec![0; 4000], vec![7; 90], vec![9; 10], vec![0; 100]].concat();
        assert_eq!(one, expected);
    }

    #[test]
    fn reading_stops_where_the_file_ends() {
        let mut content = Content::default();
        content.write(0, &[1; 10]);
        let mut into = [5; 8];
        assert_eq!(content.read(6, &mut into), 4);
        assert_eq!(into, [1, 1, 1, 1, 5, 5, 5, 5]);
        assert_eq!(content.read(60, &mut into), 0);
    }
}
