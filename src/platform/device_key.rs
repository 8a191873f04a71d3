//! A device's key: Ed25519 (RFC 8032), made on the device, which it never leaves.

use std::fmt;
use std::sync::Arc;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::entropy::Entropy;

/// Bytes of a public key.
pub const PUBLIC_KEY_BYTES: usize = 32;

/// Bytes of the secret that a key is made from.
pub const SEED_BYTES: usize = 32;

/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// A private key. It is never shown; clones share it.
#[derive(Clone)]
pub struct DeviceKey {
    pair: Arc<Ed25519KeyPair>,
}

impl DeviceKey {
    /// The key of a seed. `None` never happens for a seed of the right length, and is no panic all the same.
    pub fn from_seed(seed: &[u8; SEED_BYTES]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        Some(Self { pair: Arc::new(pair) })
    }

    /// The key of a seed in its written form: 64 lower-case hexadecimal digits, white space around them.
    pub fn from_hex(text: &str) -> Option<Self> {
        Self::from_seed(&from_hex(text.trim())?)
    }

    /// Draws a seed, in its written form.
    pub fn draw(entropy: &mut dyn Entropy) -> String {
        let mut seed = [0; SEED_BYTES];
        entropy.fill(&mut seed);
        to_hex(&seed)
    }

    /// The public half, as it is enrolled: 64 hexadecimal digits.
    pub fn public_hex(&self) -> String {
        to_hex(self.pair.public_key().as_ref())
    }

    /// The signature of these bytes: 128 hexadecimal digits.
    pub fn sign(&self, message: &[u8]) -> String {
        to_hex(self.pair.sign(message).as_ref())
    }
}

impl fmt::Debug for DeviceKey {
    /// Without the secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DeviceKey({})", self.public_hex())
    }
}

/// Whether the holder of this public key signed these bytes. `signature` is the written form; any other text is none.
pub fn is_signed(public_key: &[u8], message: &[u8], signature: &str) -> bool {
    let Some(signature) = from_hex::<SIGNATURE_BYTES>(signature) else {
        return false;
    };
    UnparsedPublicKey::new(&ED25519, public_key)
        .verify(message, &signature)
        .is_ok()
}

/// Lower-case hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}

/// Exactly so many bytes from lower-case hexadecimal digits: each value has one written form.
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::entropy::SeededEntropy;

    /// RFC 8032, 7.1, TEST 2 and TEST 3: seed, public key, message, signature.
    const RFC_8032: [(&str, &str, &[u8], &str); 2] = [
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            b"\x72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430\
             2aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            b"\xaf\x82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716e\
             d28dc027beceea1ec40a",
        ),
    ];

    #[test]
    fn the_examples_of_the_standard_are_signed_as_it_says() {
        for (seed, public, message, signature) in RFC_8032 {
            let key = DeviceKey::from_hex(seed).unwrap();
            assert_eq!(key.public_hex(), public);
            assert_eq!(key.sign(message), signature);
            let public: [u8; PUBLIC_KEY_BYTES] = from_hex(public).unwrap();
            assert!(is_signed(&public, message, signature));
            assert!(!is_signed(&public, b"another", signature));
            assert!(!is_signed(&public, message, &signature.to_uppercase()));
        }
    }

    #[test]
    fn a_key_shows_nothing_of_its_seed() {
        let seed = DeviceKey::draw(&mut SeededEntropy::new(7));
        let key = DeviceKey::from_hex(&format!("{seed}\n")).unwrap();
        assert!(!format!("{key:?}").contains(&seed));
        assert_ne!(seed, DeviceKey::draw(&mut SeededEntropy::new(8)));
    }

    proptest! {
        #[test]
        fn hexadecimal_digits_have_one_form(bytes in any::<[u8; 5]>(), other in "[0-9a-fA-F]{10}") {
            prop_assert_eq!(from_hex::<5>(&to_hex(&bytes)), Some(bytes));
            let read = from_hex::<5>(&other);
            prop_assert_eq!(read.is_some(), other == other.to_lowercase());
        }

        #[test]
        fn no_changed_signature_is_taken(message in any::<Vec<u8>>(), place in 0_usize..512) {
            let key = DeviceKey::from_hex(RFC_8032[0].0).unwrap();
            let public: [u8; PUBLIC_KEY_BYTES] = from_hex(RFC_8032[0].1).unwrap();
            let mut signature: [u8; SIGNATURE_BYTES] = from_hex(&key.sign(&message)).unwrap();
            prop_assert!(is_signed(&public, &message, &to_hex(&signature)));
            signature[place / 8] ^= 1 << (place % 8);
            prop_assert!(!is_signed(&public, &message, &to_hex(&signature)));
        }
    }
}
