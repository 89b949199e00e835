//! The server's half of Cognito's Secure Remote Password: the password is proved, never sent.
//!
//! Numbers are hashed as Java's `BigInteger.toByteArray()` writes them: the fewest bytes, and a zero byte before them if
//! the first bit is set. The same numbers go over the wire in hexadecimal without leading zeros, so with an odd number of
//! digits now and then; a client that pads what it reads as text instead of as numbers fails in one sign-in of some hundred.
//!
//! Nothing here runs in constant time except the comparison of proofs, and nothing is wiped: the passwords are made up.

use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use num_bigint::BigUint;
use sha2::{Digest, Sha256};

/// The 3072-bit group of RFC 5054.
const MODULUS: &str = "\
    FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
    EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
    EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
    83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
    E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
    15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
    ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
    BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

/// What the key is derived for.
const INFO: &[u8] = b"Caldera Derived Key\x01";

static GROUP: LazyLock<Group> = LazyLock::new(Group::new);

/// What a user pool keeps instead of a password.
#[derive(Clone)]
pub(super) struct Verifier {
    salt: BigUint,
    power: BigUint,
}

/// One sign-in: what both sides have told each other, and what only the pool knows.
#[derive(Clone)]
pub(super) struct Exchange {
    verifier: Verifier,
    client_public: BigUint,
    secret: BigUint,
    public: BigUint,
}

struct Group {
    modulus: BigUint,
    generator: BigUint,
    multiplier: BigUint,
}

impl Verifier {
    /// The verifier of a password. `pool` is what stands after the underscore of the pool's id. The salt is always the
    /// same for the same password, as one that was stored would be.
    pub(super) fn of(pool: &str, user: &str, password: &str) -> Self {
        let salt = hash(&[format!("salt {pool} {user} {password}").as_bytes()]);
        Self::salted(pool, user, password, &salt[..16])
    }

    fn salted(pool: &str, user: &str, password: &str, salt: &[u8]) -> Self {
        let salt = BigUint::from_bytes_be(salt);
        let inner = hash(&[format!("{pool}{user}:{password}").as_bytes()]);
        let x = BigUint::from_bytes_be(&hash(&[&padded(&salt), &inner]));
        Self {
            salt,
            power: GROUP.generator.modpow(&x, &GROUP.modulus),
        }
    }

    /// The salt as it goes over the wire.
    pub(super) fn salt(&self) -> String {
        format!("{:x}", self.salt)
    }
}

impl Exchange {
    /// Answers a client that sent `client_public`. None if that number would make every password right.
    pub(super) fn begin(verifier: Verifier, client_public: BigUint, secret: &[u8]) -> Option<Self> {
        let group = &*GROUP;
        if &client_public % &group.modulus == BigUint::ZERO {
            return None;
        }
        let secret = BigUint::from_bytes_be(secret);
        let public = (&group.multiplier * &verifier.power
            + group.generator.modpow(&secret, &group.modulus))
            % &group.modulus;
        Some(Self {
            verifier,
            client_public,
            secret,
            public,
        })
    }

    /// The pool's public number as it goes over the wire.
    pub(super) fn public(&self) -> String {
        format!("{:x}", self.public)
    }

    /// Whether `signature` proves that its maker knows the password.
    pub(super) fn is_proved_by(
        &self,
        signature: &[u8],
        pool: &str,
        user: &str,
        secret_block: &[u8],
        timestamp: &str,
    ) -> bool {
        hmac(&self.key())
            .chain_update(pool)
            .chain_update(user)
            .chain_update(secret_block)
            .chain_update(timestamp)
            .verify_slice(signature)
            .is_ok()
    }

    fn key(&self) -> [u8; 16] {
        let modulus = &GROUP.modulus;
        let u = BigUint::from_bytes_be(&hash(&[
            &padded(&self.client_public),
            &padded(&self.public),
        ]));
        let shared = (&self.client_public * self.verifier.power.modpow(&u, modulus))
            .modpow(&self.secret, modulus);
        let extracted = hmac(&padded(&u)).chain_update(padded(&shared)).finalize();
        let expanded = hmac(&extracted.into_bytes()).chain_update(INFO).finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&expanded.into_bytes()[..16]);
        key
    }
}

impl Group {
    fn new() -> Self {
        #[expect(clippy::expect_used, reason = "a constant that a test reads")]
        let modulus =
            BigUint::parse_bytes(MODULUS.as_bytes(), 16).expect("the modulus is a number");
        let generator = BigUint::from(2_u8);
        let multiplier = BigUint::from_bytes_be(&hash(&[&padded(&modulus), &padded(&generator)]));
        Self {
            modulus,
            generator,
            multiplier,
        }
    }
}

fn padded(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    bytes
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    Hmac::new_from_slice(key).expect("HMAC takes any key")
}

#[cfg(test)]
mod tests {
    use crypto_bigint::{
        BoxedUint, Odd,
        modular::{BoxedMontyForm, BoxedMontyParams},
    };

    use super::*;

    const POOL: &str = "AbCdEf123";
    const USER: &str = "svc";
    const TIMESTAMP: &str = "Mon Feb 3 08:05:01 UTC 2025";

    /// A client that shares nothing with the server: another library's numbers, padding done on hexadecimal text as
    /// AWS's own JavaScript does it, the multiplier written out.
    /// The secrets are short, which is quicker and pads no differently.
    struct Client {
        secret: Vec<u8>,
        public: String,
    }

    impl Client {
        fn new(seed: u64) -> Self {
            let secret = Sha256::digest(format!("client {seed}")).to_vec();
            let public = to_hex(&power(two(), &number(&hex(&secret))));
            Self { secret, public }
        }

        fn sign(&self, password: &str, salt: &str, server_public: &str, block: &[u8]) -> Vec<u8> {
            const K: &str = "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6";
            let u = hex_hash(&format!("{}{}", pad(&self.public), pad(server_public)));
            let identity = hex(&Sha256::digest(format!("{POOL}{USER}:{password}")));
            let x = hex_hash(&format!("{}{identity}", pad(salt)));
            let masked = multiply(number(K), power(two(), &number(&x)));
            let base = number(server_public).sub_mod(&masked, modulus().as_nz_ref());
            let exponent = number(&u).wrapping_mul(number(&x));
            let exponent = number(&hex(&self.secret)).wrapping_add(&exponent);
            let s = to_hex(&power(base, &exponent));
            let key = hkdf(&unhex(&pad(&u)), &unhex(&pad(&s)));
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            mac.update(POOL.as_bytes());
            mac.update(USER.as_bytes());
            mac.update(block);
            mac.update(TIMESTAMP.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
    }

    fn hkdf(salt: &[u8], input: &[u8]) -> [u8; 16] {
        let mut key = [0; 16];
        hkdf::Hkdf::<Sha256>::new(Some(salt), input)
            .expand(b"Caldera Derived Key", &mut key)
            .unwrap();
        key
    }

    fn modulus() -> Odd<BoxedUint> {
        Odd::new(number(MODULUS)).unwrap()
    }

    fn number(hex: &str) -> BoxedUint {
        BoxedUint::from_be_slice(&unhex(&format!("{hex:0>768}")), 3072).unwrap()
    }

    fn two() -> BoxedUint {
        number("2")
    }

    fn in_group(number: BoxedUint) -> BoxedMontyForm {
        BoxedMontyForm::new(number, &BoxedMontyParams::new(modulus()))
    }

    fn power(base: BoxedUint, exponent: &BoxedUint) -> BoxedUint {
        in_group(base)
            .pow_bounded_exp(exponent, exponent.bit_width())
            .retrieve()
    }

    fn multiply(a: BoxedUint, b: BoxedUint) -> BoxedUint {
        in_group(a).mul(&in_group(b)).retrieve()
    }

    fn to_hex(number: &BoxedUint) -> String {
        let text = hex(&number.to_be_bytes());
        text.trim_start_matches('0').to_owned()
    }

    /// The text of a number, which has no zeros before it, not of the bytes that it was read from.
    fn pad(hex: &str) -> String {
        let hex = hex.trim_start_matches('0');
        if hex.len() % 2 == 1 {
            format!("0{hex}")
        } else if "89abcdef".contains(&hex[..1]) {
            format!("00{hex}")
        } else {
            hex.to_owned()
        }
    }

    fn hex_hash(text: &str) -> String {
        hex(&Sha256::digest(unhex(text)))
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn unhex(text: &str) -> Vec<u8> {
        let byte = |i| u8::from_str_radix(&text[i..i + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(byte).collect()
    }

    fn proves(client: &Client, salt: &[u8], right: &str, tried: &str, seed: u64) -> bool {
        let verifier = Verifier::salted(POOL, USER, right, salt);
        let salt = verifier.salt();
        let secret = Sha256::digest(format!("server {seed}"));
        let public = BigUint::parse_bytes(client.public.as_bytes(), 16).unwrap();
        let exchange = Exchange::begin(verifier, public, &secret).unwrap();
        let block = Sha256::digest(format!("block {seed}"));
        let signature = client.sign(tried, &salt, &exchange.public(), &block);
        exchange.is_proved_by(&signature, POOL, USER, &block, TIMESTAMP)
    }

    #[test]
    fn the_multiplier_is_the_one_everybody_uses() {
        assert_eq!(
            format!("{:x}", GROUP.multiplier),
            "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"
        );
    }

    #[test]
    fn another_implementation_proves_its_password_whatever_the_salt() {
        for seed in 0..300 {
            let salt = &Sha256::digest(format!("salt {seed}"))[..16];
            assert!(
                proves(&Client::new(seed), salt, "Right-1!", "Right-1!", seed),
                "salt {seed}"
            );
        }
    }

    #[test]
    fn salts_that_need_padding_are_numbers_like_any_other() {
        let odd = [vec![0x01], vec![0x0f; 16], vec![0x00, 0x0a, 0xbc]];
        let leading_zeros = [
            vec![0, 0, 0, 0x12, 0x34],
            [vec![0; 15], vec![0x80]].concat(),
        ];
        let top_bit = [
            vec![0x80],
            vec![0xff; 16],
            [vec![0x80], vec![0; 15]].concat(),
        ];
        for (i, salt) in odd.iter().chain(&leading_zeros).chain(&top_bit).enumerate() {
            assert!(
                proves(&Client::new(7), salt, "Right-1!", "Right-1!", i as u64),
                "{salt:02x?}"
            );
        }
    }

    #[test]
    fn a_wrong_password_proves_nothing() {
        for seed in 0..5 {
            let salt = &Sha256::digest(format!("salt {seed}"))[..16];
            assert!(!proves(
                &Client::new(seed),
                salt,
                "Right-1!",
                "right-1!",
                seed
            ));
        }
    }

    #[test]
    fn a_proof_is_bound_to_everything_it_names() {
        let client = Client::new(1);
        let verifier = Verifier::salted(POOL, USER, "Right-1!", &[0x12; 16]);
        let salt = verifier.salt();
        let public = BigUint::parse_bytes(client.public.as_bytes(), 16).unwrap();
        let exchange = Exchange::begin(verifier, public, &[7; 128]).unwrap();
        let signature = client.sign("Right-1!", &salt, &exchange.public(), b"block");
        let proved =
            |pool, user, block: &[u8], at| exchange.is_proved_by(&signature, pool, user, block, at);
        assert!(proved(POOL, USER, b"block", TIMESTAMP));
        assert!(!proved("Other", USER, b"block", TIMESTAMP));
        assert!(!proved(POOL, "other", b"block", TIMESTAMP));
        assert!(!proved(POOL, USER, b"other", TIMESTAMP));
        assert!(!proved(POOL, USER, b"block", "Mon Feb 3 08:05:02 UTC 2025"));
        assert!(!exchange.is_proved_by(&signature[..16], POOL, USER, b"block", TIMESTAMP));
    }

    #[test]
    fn a_public_number_that_is_nought_in_the_group_is_refused() {
        let verifier = Verifier::salted(POOL, USER, "Right-1!", &[1; 16]);
        for times in 0..3_u8 {
            let public = &GROUP.modulus * BigUint::from(times);
            assert!(Exchange::begin(verifier.clone(), public, &[7; 128]).is_none());
        }
    }
}
