//! `POST /ads/tokens/{token}`: tokens that bill an impression or count a click, once.

use rapport_store::{Settle, Settled};

use crate::app::receipts::{hex, unhex};
use crate::app::{App, Call, Problem};

/// Bytes of the signature that a token carries: 128 bits, BLAKE3 keyed with the data folder's secret.
const MAC: usize = 16;
/// Nonce, kind, signature.
const LENGTH: usize = 16 + 1 + MAC;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Impression,
    Click,
}

/// What a token did.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Counted {
    /// Whether it counted.
    pub counted: bool,
    /// `billed`, `clicked`, `expired` or `withdrawn`.
    #[schema(value_type = String)]
    pub reason: &'static str,
}

impl App {
    /// Uses a token.
    ///
    /// # Errors
    /// `bad-token` if this server did not sign it, `token-used` if it did its work before.
    pub fn use_token(&self, token: &str, call: &Call) -> Result<Counted, Problem> {
        let bad = || {
            let detail = "the token is none of this server's; send it as `POST /v1/ads` answered it";
            Problem::new("bad-token", "no such token", 404, detail)
        };
        let (kind, nonce) = self.open_token(token).ok_or_else(bad)?;
        let what = match kind {
            Kind::Impression => Settle::Impression,
            Kind::Click => Settle::Click,
        };
        match self.store.settle(nonce, what, call.now)? {
            Settled::Billed => Ok(Counted { counted: true, reason: "billed" }),
            Settled::Counted => Ok(Counted { counted: true, reason: "clicked" }),
            Settled::Expired => Ok(Counted { counted: false, reason: "expired" }),
            Settled::Withdrawn => Ok(Counted { counted: false, reason: "withdrawn" }),
            Settled::AlreadyUsed => {
                let detail = "the token did its work before; a token counts once";
                Err(Problem::new("token-used", "the token was used before", 409, detail))
            }
            Settled::Unknown => Err(bad()),
        }
    }

    /// The token of one kind for a reservation.
    pub(super) fn token(&self, kind: Kind, nonce: [u8; 16]) -> String {
        let mut bytes = [0; LENGTH];
        bytes[..16].copy_from_slice(&nonce);
        bytes[16] = kind.byte();
        bytes[17..].copy_from_slice(&self.sign(kind, nonce));
        hex(&bytes)
    }

    fn open_token(&self, token: &str) -> Option<(Kind, [u8; 16])> {
        let bytes: [u8; LENGTH] = unhex(token)?;
        let kind = [Kind::Impression, Kind::Click].into_iter().find(|kind| kind.byte() == bytes[16])?;
        let nonce: [u8; 16] = bytes[..16].try_into().ok()?;
        let known = self.sign(kind, nonce);
        // Looks at every byte whatever the first ones are, so that timing tells nothing.
        let differs = known.iter().zip(&bytes[17..]).fold(0, |all, (a, b)| all | (a ^ b));
        (differs == 0).then_some((kind, nonce))
    }

    fn sign(&self, kind: Kind, nonce: [u8; 16]) -> [u8; MAC] {
        let mut hasher = blake3::Hasher::new_keyed(&self.token_key);
        hasher.update(&nonce);
        hasher.update(&[kind.byte()]);
        let mut mac = [0; MAC];
        mac.copy_from_slice(&hasher.finalize().as_bytes()[..MAC]);
        mac
    }
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Impression => b'i',
            Self::Click => b'c',
        }
    }
}
