//! What each link of an account must satisfy. Nothing changes when one is refused.

use super::super::device::{DeviceBundle, DeviceClass, possession_of_added_device};
use super::super::error::LinkError;
use super::super::link::{Link, LinkType};
use super::super::puk_section::PukSection;
use super::super::rotation::HistoryWrap;
use super::changes::{ReplaceRecovery, Revoke, co_sign_body};
use super::{AccountLog, Device, PukOrigin, Revocation};
use crate::codec::Reader;
use crate::ids::{DeviceId, Signature};
use crate::label::Purpose;
use crate::limits::DEVICES_MAX;
use crate::signed::verify;

impl AccountLog {
    /// Judges the next link, whose signer is in force and whose signature holds.
    pub(super) fn apply(&mut self, link: &Link) -> Result<(), LinkError> {
        match link.link_type {
            LinkType::AddDevice => self.apply_add_device(link),
            LinkType::Revoke => self.apply_revoke(link),
            LinkType::RotatePuk => self.apply_rotate_puk(link),
            LinkType::ReplaceRecovery => self.apply_replace_recovery(link),
            LinkType::AccountGenesis => Err(LinkError::Genesis),
            LinkType::CalendarGenesis
            | LinkType::Member
            | LinkType::Rotate
            | LinkType::Invite
            | LinkType::InviteEnd
            | LinkType::Policy => Err(LinkError::Kind),
        }
    }

    fn apply_add_device(&mut self, link: &Link) -> Result<(), LinkError> {
        let mut reader = Reader::new(&link.payload);
        let bundle = DeviceBundle::read(&mut reader)?;
        let proof = Signature::from_bytes(reader.array()?);
        reader.end()?;
        if self.devices.len() >= DEVICES_MAX {
            return Err(LinkError::TooMany(DEVICES_MAX));
        }
        let device = self.announced(link.seq, bundle, DeviceClass::Full, &proof)?;
        self.devices.push(device);
        Ok(())
    }

    fn apply_revoke(&mut self, link: &Link) -> Result<(), LinkError> {
        let revoke = Revoke::parse(&link.payload)?;
        let place = self
            .devices
            .iter()
            .position(|device| device.id == revoke.device)
            .ok_or(LinkError::Signer(revoke.device))?;
        self.check_seniority(&link.device, &revoke.device)?;
        let remain: Vec<_> = self
            .in_force()
            .map(|device| device.id)
            .filter(|id| *id != revoke.device)
            .collect();
        if self.devices.len() == 1 {
            return Err(LinkError::LastDevice);
        }
        self.check_puk(&revoke.rotation, &remain)?;
        let device = self.devices.remove(place);
        self.retire(device, link.seq);
        self.revocations.push(Revocation {
            device: revoke.device,
            seq: link.seq,
            reason: revoke.reason,
            cuts: revoke.cuts,
        });
        self.renew(link, revoke.rotation);
        Ok(())
    }

    fn apply_rotate_puk(&mut self, link: &Link) -> Result<(), LinkError> {
        let rotation = PukSection::parse(&link.payload)?;
        let remain: Vec<_> = self.in_force().map(|device| device.id).collect();
        self.check_puk(&rotation, &remain)?;
        self.renew(link, rotation);
        Ok(())
    }

    fn apply_replace_recovery(&mut self, link: &Link) -> Result<(), LinkError> {
        let replace = ReplaceRecovery::parse(&link.payload)?;
        let (bundle, proof) = (replace.bundle.clone(), &replace.possession);
        let kit = self.announced(link.seq, bundle, DeviceClass::Recovery, proof)?;
        self.check_consent(link, &replace)?;
        let remain = self.devices.iter().map(|device| device.id);
        let remain: Vec<_> = remain.chain([kit.id]).collect();
        self.check_puk(&replace.rotation, &remain)?;
        if let Some(old) = self.recovery.replace(kit) {
            self.retire(old, link.seq);
        }
        self.renew(link, replace.rotation);
        Ok(())
    }

    /// A device that link `seq` may announce: of this class, never seen before in id or keys, and
    /// holding them.
    fn announced(
        &self,
        seq: u64,
        bundle: DeviceBundle,
        class: DeviceClass,
        proof: &Signature,
    ) -> Result<Device, LinkError> {
        if bundle.class != class {
            return Err(LinkError::DeviceClass(bundle.class.number()));
        }
        let id = bundle.device_id();
        let is_known = |device: &Device| {
            device.id == id
                || device.bundle.sign_key == bundle.sign_key
                || device.bundle.seal_key == bundle.seal_key
        };
        if self.ever().any(is_known) {
            return Err(LinkError::DeviceKnown(id));
        }
        let possession = possession_of_added_device(&self.id(), seq, &bundle);
        check_possession(&bundle, &possession, proof)?;
        Ok(Device {
            id,
            bundle,
            since_seq: seq,
            until_seq: None,
        })
    }

    /// A device may revoke itself and whatever was added after it, the recovery kit every device:
    /// whoever has taken a junior device cannot lock its owner out.
    fn check_seniority(&self, signer: &DeviceId, target: &DeviceId) -> Result<(), LinkError> {
        let is_kit = self.recovery.as_ref().is_some_and(|kit| kit.id == *signer);
        let since = |id: &DeviceId| self.device(id).map(|device| device.since_seq);
        if is_kit || signer == target || since(signer) < since(target) {
            Ok(())
        } else {
            Err(LinkError::Seniority(*target))
        }
    }

    /// The old kit signs, or the only device, or two devices of which one is the most senior. Without
    /// that, whoever has taken a junior device could add a second of its own, agree with itself, and
    /// by a kit of its own revoke everyone.
    fn check_consent(&self, link: &Link, replace: &ReplaceRecovery) -> Result<(), LinkError> {
        let is_kit = self
            .recovery
            .as_ref()
            .is_some_and(|kit| kit.id == link.device);
        let Some((second, signature)) = &replace.consent else {
            return if is_kit || self.devices.len() == 1 {
                Ok(())
            } else {
                Err(LinkError::Consent)
            };
        };
        let senior = self.devices.first().map(|device| device.id);
        let has_senior = senior == Some(*second) || senior == Some(link.device);
        let device = self
            .devices
            .iter()
            .find(|device| device.id == *second && *second != link.device)
            .filter(|_| has_senior && !is_kit)
            .ok_or(LinkError::Consent)?;
        let body = co_sign_body(&self.id(), link.seq, &link.prev, &replace.bundle);
        verify(Purpose::CoSign, &device.bundle.sign_key, &body, signature)
            .map_err(|_| LinkError::Consent)
    }

    /// The next generation, a key that never was one before, the way back, and exactly those who
    /// remain.
    fn check_puk(&self, section: &PukSection, remain: &[DeviceId]) -> Result<(), LinkError> {
        let expected = self.puk_now().generation.saturating_add(1);
        if section.puk.generation != expected {
            return Err(LinkError::PukGeneration {
                expected,
                found: section.puk.generation,
            });
        }
        let is_known = self.puk.iter().any(|older| {
            older.seal_key == section.puk.seal_key || older.commit == section.puk.commit
        });
        if is_known {
            return Err(LinkError::KeyKnown);
        }
        if section.history == HistoryWrap::NONE {
            return Err(LinkError::History);
        }
        if section.devices == remain {
            Ok(())
        } else {
            Err(LinkError::Devices)
        }
    }

    fn retire(&mut self, device: Device, seq: u64) {
        self.gone.push(Device {
            until_seq: Some(seq),
            ..device
        });
    }

    fn renew(&mut self, link: &Link, section: PukSection) {
        self.puk.push(section.puk);
        self.puk_origins.push(PukOrigin {
            seq: link.seq,
            maker: link.device,
            history: section.history,
        });
    }
}

pub(super) fn check_possession(
    bundle: &DeviceBundle,
    body: &[u8],
    proof: &Signature,
) -> Result<(), LinkError> {
    verify(Purpose::DevicePossession, &bundle.sign_key, body, proof)
        .map_err(|_| LinkError::Possession)
}
