//! The inventory as a person reads it.

use std::fmt;

use super::Inventory;

impl fmt::Display for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "relay database, life {}", self.relay_epoch)?;
        writeln!(f, "\n{} accounts", self.accounts.len())?;
        for account in &self.accounts {
            let (id, used_bytes) = (&account.account, account.used_bytes);
            writeln!(f, "  {id}  {used_bytes} bytes stored")?;
            for device in &account.devices {
                writeln!(f, "    device {device}")?;
            }
            for device in &account.former_devices {
                writeln!(f, "    revoked {device}")?;
            }
            if let Some(key) = &account.home_key {
                writeln!(f, "    guest, on the word of the relay {key}")?;
            }
            if account.second_factor_bytes > 0 {
                let bytes = account.second_factor_bytes;
                writeln!(f, "    second factor, {bytes} bytes")?;
            }
            if let Some((kit, begun_ms)) = &account.recovering {
                writeln!(f, "    recovery kit {kit} in use since {begun_ms}")?;
            }
        }
        writeln!(
            f,
            "\n{} calendars (their names are not here)",
            self.calendars.len()
        )?;
        for calendar in &self.calendars {
            let purpose = if calendar.purpose == 2 {
                "private"
            } else {
                "calendar"
            };
            writeln!(
                f,
                "  {}  {purpose}, epoch {}",
                calendar.calendar, calendar.epoch
            )?;
            for (account, role) in &calendar.members {
                writeln!(f, "    member {account}  role {role}")?;
            }
        }
        writeln!(f, "\n{} membership logs", self.logs.len())?;
        for log in &self.logs {
            writeln!(f, "  {}", log.log)?;
            for link in &log.links {
                writeln!(
                    f,
                    "    {:>4}  {:<16} {} bytes",
                    link.seq, link.link_type, link.bytes
                )?;
            }
        }
        self.fmt_sealed(f)
    }
}

impl Inventory {
    fn fmt_packs(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count: usize = self.streams.iter().map(|stream| stream.packs.len()).sum();
        writeln!(f, "\n{count} packs")?;
        for stream in &self.streams {
            for pack in &stream.packs {
                let state = match (pack.confirmed_ms, pack.manifest_bytes) {
                    (_, 0) => "replaced",
                    (0, _) => "not confirmed",
                    _ => "confirmed",
                };
                writeln!(
                    f,
                    "  {} {:.8}  envelopes to {:>6}  by {:.8}  {state}",
                    stream.calendar, pack.name, pack.rseq, pack.device,
                )?;
            }
            if stream.dropped_to > 0 {
                let (id, to) = (&stream.calendar, stream.dropped_to);
                writeln!(f, "  {id} envelopes to {to:>6} are in a pack alone")?;
            }
        }
        Ok(())
    }

    fn fmt_sealed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{} streams", self.streams.len())?;
        for stream in &self.streams {
            let kind = if stream.kind == 2 {
                "free/busy"
            } else {
                "main"
            };
            writeln!(f, "  {} {kind}: {} envelopes", stream.calendar, stream.rseq)?;
            for envelope in &stream.envelopes {
                writeln!(
                    f,
                    "    {:>6}  kind {} epoch {} device {:.8} number {:<6} {:>7} bytes  {}…",
                    envelope.rseq,
                    envelope.kind,
                    envelope.epoch,
                    envelope.device,
                    envelope.first_seq,
                    envelope.bytes,
                    envelope.sealed_start,
                )?;
            }
        }
        self.fmt_packs(f)?;
        writeln!(f, "\n{} sealed keys", self.boxes.len())?;
        for key in &self.boxes {
            writeln!(
                f,
                "  log {:.8} generation {} for {:.8}  {} bytes  …{}",
                key.log, key.generation, key.recipient, key.bytes, key.sealed_end,
            )?;
        }
        writeln!(
            f,
            "\n{} invites (hashes; the codes are not here)",
            self.invites.len()
        )?;
        for invite in &self.invites {
            let state = if invite.is_used { "used" } else { "open" };
            writeln!(f, "  {}  {state}", invite.hash)?;
        }
        for asking in &self.acceptances {
            writeln!(
                f,
                "\n{:.8} asks to be admitted to calendar {:.8}  …{}",
                asking.account, asking.calendar, asking.sealed_end,
            )?;
        }
        Ok(())
    }
}
