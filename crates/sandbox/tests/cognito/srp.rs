//! The client's half of SRP, by the book.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use num_bigint::BigUint;
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, macros::format_description};

/// A client's secret number and what it shows of it.
pub(crate) struct Client {
    secret: BigUint,
    public: BigUint,
}

impl Client {
    pub(crate) fn new(seed: u64) -> Self {
        let secret = BigUint::from_bytes_be(&Sha256::digest(seed.to_be_bytes()).repeat(4));
        let public = BigUint::from(2_u8).modpow(&secret, &modulus());
        Self { secret, public }
    }

    pub(crate) fn public(&self) -> String {
        format!("{:x}", self.public)
    }

    /// The signature that proves the password.
    pub(crate) fn sign(
        &self,
        pool: &str,
        challenge: &Value,
        password: &str,
        timestamp: &str,
    ) -> String {
        let parameter = |name: &str| challenge["ChallengeParameters"][name].as_str().unwrap();
        let number = |name| BigUint::parse_bytes(parameter(name).as_bytes(), 16).unwrap();
        let (salt, server, user) = (
            number("SALT"),
            number("SRP_B"),
            parameter("USER_ID_FOR_SRP"),
        );
        let pool = pool.split_once('_').unwrap().1;
        let n = modulus();
        let k = hash(&[pad(&n), vec![2]].concat());
        let u = hash(&[pad(&self.public), pad(&server)].concat());
        let identity = Sha256::digest(format!("{pool}{user}:{password}"));
        let x = hash(&[pad(&salt), identity.to_vec()].concat());
        let masked = k * BigUint::from(2_u8).modpow(&x, &n) % &n;
        let shared = (server + &n - masked).modpow(&(&self.secret + &u * x), &n);
        let mut key = [0; 16];
        hkdf::Hkdf::<Sha256>::new(Some(&pad(&u)), &pad(&shared))
            .expand(b"Caldera Derived Key", &mut key)
            .unwrap();
        let mac = Hmac::<Sha256>::new_from_slice(&key)
            .unwrap()
            .chain_update(pool)
            .chain_update(user)
            .chain_update(BASE64_STANDARD.decode(parameter("SECRET_BLOCK")).unwrap())
            .chain_update(timestamp);
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    }
}

pub(crate) fn secret_hash(secret: &str, name: &str, client: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let mac = mac.chain_update(name).chain_update(client);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

pub(crate) fn timestamp(at: OffsetDateTime) -> String {
    let form = format_description!(
        "[weekday repr:short] [month repr:short] [day padding:none] [hour]:[minute]:[second] UTC [year]"
    );
    at.format(form).unwrap()
}

fn modulus() -> BigUint {
    let text = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
                EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
                EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
                83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
                E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
                15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
                ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
                BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";
    BigUint::parse_bytes(text.as_bytes(), 16).unwrap()
}

fn hash(bytes: &[u8]) -> BigUint {
    BigUint::from_bytes_be(&Sha256::digest(bytes))
}

fn pad(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes[0] & 0x80 != 0 {
        bytes.insert(0, 0);
    }
    bytes
}
