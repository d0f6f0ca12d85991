//! A new key of an account: what it is, the way back to the older one, and for which devices its
//! seed is sealed.

use super::account::PukGeneration;
use super::device::read_seal_key;
use super::error::LinkError;
use super::rotation::HistoryWrap;
use crate::codec::{Reader, Writer};
use crate::ids::DeviceId;

/// A new key of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PukSection {
    /// The key, of the generation after the one in force.
    pub puk: PukGeneration,
    /// The older seed under the newer.
    pub history: HistoryWrap,
    /// For whom the seed is sealed: the devices, the most senior first, then the recovery kit.
    pub devices: Vec<DeviceId>,
}

impl PukSection {
    /// The bytes of the section.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = u16::try_from(self.devices.len()).expect("a link bounds its devices");
        let head = write_puk(Writer::default(), &self.puk)
            .bytes(self.history.as_bytes())
            .u16(count);
        let write = |writer: Writer, device: &DeviceId| writer.bytes(device.as_bytes());
        self.devices.iter().fold(head, write).finish()
    }

    /// The section in these bytes, all of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, LinkError> {
        let mut reader = Reader::new(bytes);
        let puk = read_puk(&mut reader)?;
        let history = HistoryWrap::from_bytes(reader.array()?);
        let count = usize::from(reader.u16()?);
        let mut list = Reader::new(reader.bytes(count * DeviceId::LEN)?);
        let devices = (0..count)
            .map(|_| list.array().map(DeviceId::from_bytes))
            .collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Self {
            puk,
            history,
            devices,
        })
    }
}

pub(super) fn write_puk(writer: Writer, puk: &PukGeneration) -> Writer {
    writer
        .u32(puk.generation)
        .bytes(puk.seal_key.as_bytes())
        .bytes(&puk.commit)
}

pub(super) fn read_puk(reader: &mut Reader<'_>) -> Result<PukGeneration, LinkError> {
    Ok(PukGeneration {
        generation: reader.u32()?,
        seal_key: read_seal_key(reader)?,
        commit: reader.array()?,
    })
}
