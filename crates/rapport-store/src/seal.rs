//! Keys, sealed values and keyed hashes. One primitive each: XChaCha20-Poly1305 with a random nonce (192
//! bits, so that chance collisions don't matter), and HMAC-SHA-256.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::StoreError;

const NONCE: usize = 24;

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Database(std::sync::Arc::new(error)))?;
    Ok(bytes)
}

/// What a sealed value is; one sealed as one thing does not open as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Facts,
    Event,
    Item,
    Campaign,
    Account,
    Decision,
    Receipt,
    Checkpoint,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Facts => "person's facts",
            Self::Event => "event",
            Self::Item => "item",
            Self::Campaign => "campaign",
            Self::Account => "account",
            Self::Decision => "ad decision",
            Self::Receipt => "receipt",
            Self::Checkpoint => "checkpoint",
        }
    }
}

/// A 256-bit key, wiped from memory when dropped.
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// A new random key.
    pub fn random() -> Result<Self, StoreError> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Another key, for one purpose.
    pub fn derive(&self, purpose: &str) -> Self {
        Self(Zeroizing::new(Hasher::new(self).full(purpose.as_bytes())))
    }

    /// Nonce, ciphertext, tag.
    pub fn seal(&self, kind: Kind, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let nonce: [u8; NONCE] = random()?;
        let sealed = XChaCha20Poly1305::new((&*self.0).into())
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: kind.name().as_bytes() })
            .map_err(|_| StoreError::Unreadable(kind.name()))?;
        let mut out = Vec::with_capacity(NONCE + sealed.len());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// What was sealed as `kind` under this key.
    pub fn open(&self, kind: Kind, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let unreadable = || StoreError::Unreadable(kind.name());
        let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or_else(unreadable)?;
        XChaCha20Poly1305::new((&*self.0).into())
            .decrypt(&XNonce::from(*nonce), Payload { msg: body, aad: kind.name().as_bytes() })
            .map_err(|_| unreadable())
    }
}

/// A keyed hash: says whether two ids are equal to whoever holds the key, and nothing to anybody else.
pub struct Hasher(Hmac<Sha256>);

impl Hasher {
    pub fn new(key: &Key) -> Self {
        // HMAC pads a short key with zeros to the block of its hash.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(&*key.0);
        Self(<Hmac<Sha256> as hmac::KeyInit>::new((&*block).into()))
    }

    /// The first 128 bits of the hash.
    pub fn hash(&self, id: &str) -> [u8; 16] {
        let mut out = [0; 16];
        out.copy_from_slice(&self.full(id.as_bytes())[..16]);
        out
    }

    fn full(&self, bytes: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_with_its_key_and_as_what_it_is() {
        let key = Key::random().unwrap();
        let sealed = key.seal(Kind::Event, b"likes hiking").unwrap();
        assert_eq!(key.open(Kind::Event, &sealed).unwrap(), b"likes hiking");
        assert!(key.open(Kind::Receipt, &sealed).is_err());
        assert!(Key::random().unwrap().open(Kind::Event, &sealed).is_err());
        assert!(key.open(Kind::Event, &sealed[..10]).is_err());
    }

    #[test]
    fn a_keyed_hash_depends_on_the_key() {
        let (one, other) = (Key::from_bytes([1; 32]), Key::from_bytes([2; 32]));
        assert_eq!(Hasher::new(&one).hash("e1"), Hasher::new(&one).hash("e1"));
        assert_ne!(Hasher::new(&one).hash("e1"), Hasher::new(&other).hash("e1"));
        assert_ne!(one.derive("a").bytes(), one.derive("b").bytes());
    }
}
