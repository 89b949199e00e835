//! The service's own tokens: `bi_<tenant>_<secret>`, `bi_op_<secret>`, and the console cookie's `<tenant>_<secret>`.
//!
//! The tenant is readable, so that the look-up itself runs inside that tenant's row-level security. The secret is 256
//! random bits; only its SHA-256 is kept, which needs no salt and no stretching for a secret nobody chose.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::TenantId;
use rand::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// What every API key starts with.
pub const PREFIX: &str = "bi_";
const OPERATOR: &str = "op";
/// 32 bytes in base64 without padding.
const SECRET_CHARS: usize = 43;

/// A token just made: shown once, then only its hash is known.
pub struct NewToken {
    /// The secret part's hash.
    pub hash: [u8; 32],
    secret: Zeroizing<String>,
}

impl NewToken {
    /// Draws a secret.
    pub fn new(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        let hash = Sha256::digest(bytes.as_slice()).into();
        Self {
            hash,
            secret: Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())),
        }
    }

    /// As an API key of `space`.
    pub fn api_key(&self, space: TenantId) -> Zeroizing<String> {
        Zeroizing::new(if space == TenantId::PLATFORM {
            format!("{PREFIX}{OPERATOR}_{}", *self.secret)
        } else {
            format!("{PREFIX}{}_{}", space.uuid().simple(), *self.secret)
        })
    }

    /// As the console's cookie.
    pub fn cookie(&self, tenant: TenantId) -> Zeroizing<String> {
        Zeroizing::new(format!("{}_{}", tenant.uuid().simple(), *self.secret))
    }

    /// The last four characters, to tell keys apart.
    pub fn hint(&self) -> &str {
        &self.secret[SECRET_CHARS - 4..]
    }
}

/// A token that somebody presented: where to look, and for which hash.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token {
    /// Whose it says it is; the platform's own space for operators.
    pub space: TenantId,
    /// The secret part's hash.
    pub hash: [u8; 32],
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

impl Token {
    /// Reads an API key.
    pub fn from_api_key(text: &str) -> Option<Self> {
        let (space, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let space = if space == OPERATOR {
            TenantId::PLATFORM
        } else {
            tenant(space)?
        };
        Some(Self {
            space,
            hash: hash(secret)?,
        })
    }

    /// Reads a console cookie.
    pub fn from_cookie(text: &str) -> Option<Self> {
        let (space, secret) = text.split_once('_')?;
        Some(Self {
            space: tenant(space)?,
            hash: hash(secret)?,
        })
    }
}

fn tenant(digits: &str) -> Option<TenantId> {
    // As strict as an id: one spelling, never the nil tenant.
    format!("{}{digits}", TenantId::PREFIX).parse().ok()
}

fn hash(secret: &str) -> Option<[u8; 32]> {
    if secret.len() != SECRET_CHARS {
        return None;
    }
    let mut bytes = Zeroizing::new([0; 32]);
    let written = URL_SAFE_NO_PAD
        .decode_slice(secret, bytes.as_mut_slice())
        .ok()?;
    (written == 32).then(|| Sha256::digest(bytes.as_slice()).into())
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};
    use uuid::Uuid;

    use super::*;

    fn new() -> (TenantId, NewToken) {
        let mut rng = StdRng::seed_from_u64(1);
        let tenant = TenantId::new(time::OffsetDateTime::UNIX_EPOCH, &mut rng);
        (tenant, NewToken::new(&mut rng))
    }

    #[test]
    fn a_key_reads_back_as_its_tenant_and_hash() {
        let (tenant, token) = new();
        let key = token.api_key(tenant);
        assert_eq!(
            Token::from_api_key(&key),
            Some(Token {
                space: tenant,
                hash: token.hash
            })
        );
        assert!(key.ends_with(token.hint()));
        let operator = token.api_key(TenantId::PLATFORM);
        assert!(operator.starts_with("bi_op_"));
        assert_eq!(
            Token::from_api_key(&operator).unwrap().space,
            TenantId::PLATFORM
        );
        assert_eq!(
            Token::from_cookie(&token.cookie(tenant)).unwrap().hash,
            token.hash
        );
    }

    #[test]
    fn no_other_spelling_is_a_key() {
        let (tenant, token) = new();
        let key = token.api_key(tenant);
        let secret = &key[key.len() - SECRET_CHARS..];
        let nil = format!("bi_{}_{secret}", Uuid::nil().simple());
        let upper = key.replace(
            &tenant.uuid().simple().to_string(),
            &tenant.uuid().simple().to_string().to_uppercase(),
        );
        let long = format!("{}A", *key);
        let padded = format!("{}=", *key);
        for bad in [
            &nil,
            &upper,
            &long,
            &padded,
            &key[..key.len() - 1],
            &key[3..],
            "bi_",
            "bi_op_",
            "",
            "bi__",
            "bi_é_é",
        ] {
            assert_eq!(Token::from_api_key(bad), None, "{bad}");
        }
    }

    #[test]
    fn debug_shows_no_hash() {
        let (tenant, token) = new();
        let shown = format!(
            "{:?}",
            Token {
                space: tenant,
                hash: token.hash
            }
        );
        assert!(!shown.contains(&format!("{:?}", token.hash[0..4].to_vec())[1..8]));
    }
}
