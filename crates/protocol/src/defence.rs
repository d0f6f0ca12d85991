//! Defences by name, so that it can be shown of each that an attack succeeds without it.
//!
//! In what ships every defence stands: [`Defence::stands`] is a constant, and nothing reads what could
//! change it. Built with `--cfg canary`, which no optimised build takes, the one that is named in the
//! environment is down; `cargo xtask canary` then wants the tests of its attack to fail.

/// Something that an attack fails at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defence {
    /// A signature is checked.
    Signature,
    /// Weak keys and second forms of a signature are refused.
    StrictSignature,
    /// A signature is for one purpose.
    SignaturePurpose,
    /// An envelope is of the stream that was asked for.
    RequestedStream,
    /// Chunks of a file open at their place, and the last one alone ends it.
    ChunkOrder,
    /// A frame stands once in its author's chain, after the one that it names.
    Chain,
    /// A log goes on where it was last seen.
    LogPin,
    /// Owners alone change who is a member.
    OwnerSigns,
    /// A key that was delivered is the one that the signed link commits to.
    Commitment,
    /// A box opens at the address that it was sealed for.
    BoxAddress,
    /// A passphrase costs no less than protects, and no more than a machine has.
    CostBounds,
    /// A nonce hangs on what is sealed.
    HedgedNonce,
    /// A new epoch has a secret of its own.
    FreshEpoch,
    /// What was written after a right was taken away does not count.
    Cuts,
    /// Those count that may write.
    RoleToWrite,
    /// A change is in the name of who signed it.
    Actor,
    /// A change is a plain one, which unfolds to nothing.
    PlainChange,
    /// Lengths are padded.
    Padding,
    /// An invite admits one account.
    SingleUse,
    /// Guessing the second factor ends soon.
    FactorLock,
    /// The words of the recovery kit open nothing for a day.
    RecoveryHold,
    /// Who sees busy times has nothing that opens the rest.
    OneWayFreeBusy,
    /// An epoch that is older than a member's newest key is renewed.
    Audit,
    /// What was decided is in force once the relay shows it, not when it says so.
    ReadBack,
}

/// Where the one that is down is named.
#[cfg(canary)]
const WITHOUT: &str = "ALMANAC_WITHOUT";

#[cfg(all(canary, not(debug_assertions)))]
compile_error!("a defence can be taken down in this build: it is for `cargo xtask canary` alone");

impl Defence {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 24] = [
        (Self::Signature, "signature"),
        (Self::StrictSignature, "strict-signature"),
        (Self::SignaturePurpose, "signature-purpose"),
        (Self::RequestedStream, "requested-stream"),
        (Self::ChunkOrder, "chunk-order"),
        (Self::Chain, "chain"),
        (Self::LogPin, "log-pin"),
        (Self::OwnerSigns, "owner-signs"),
        (Self::Commitment, "commitment"),
        (Self::BoxAddress, "box-address"),
        (Self::CostBounds, "cost-bounds"),
        (Self::HedgedNonce, "hedged-nonce"),
        (Self::FreshEpoch, "fresh-epoch"),
        (Self::Cuts, "cuts"),
        (Self::RoleToWrite, "role-to-write"),
        (Self::Actor, "actor"),
        (Self::PlainChange, "plain-change"),
        (Self::Padding, "padding"),
        (Self::SingleUse, "single-use"),
        (Self::FactorLock, "factor-lock"),
        (Self::RecoveryHold, "recovery-hold"),
        (Self::OneWayFreeBusy, "one-way-free-busy"),
        (Self::Audit, "audit"),
        (Self::ReadBack, "read-back"),
    ];

    /// Whether it stands.
    #[cfg(not(canary))]
    #[must_use]
    pub const fn stands(self) -> bool {
        true
    }

    /// Whether it stands.
    #[cfg(canary)]
    #[must_use]
    pub fn stands(self) -> bool {
        use std::sync::LazyLock;

        static DOWN: LazyLock<Option<Defence>> = LazyLock::new(|| {
            let name = std::env::var(WITHOUT).ok()?;
            let found = Defence::ALL.iter().find(|(_, known)| *known == name);
            Some(found.expect("the name of a defence").0)
        });
        *DOWN != Some(self)
    }
}

#[cfg(not(canary))]
const _: () = assert!(Defence::Signature.stands());
