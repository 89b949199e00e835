//! Against a published vector, and against a second implementation of both sides that shares nothing with the first.

use domain::Entropy;
use num_bigint::BigUint;
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use time::macros::datetime;

use super::{group::modulus, *};

const POOL: &str = "AbC123xyz";
const USER: &str = "0c0fb1b8-1d2e-4f3a-8b9c-7d6e5f4a3b2c";

fn with_secret(secret: &[u8; SECRET_BYTES]) -> Handshake {
    Handshake::with_secret(secret).unwrap()
}

/// The other implementation: RFC 5054's formulas on integers of any size, hashed in the way of `BigInteger`.
mod reference {
    use num_bigint::{BigInt, BigUint};

    pub(super) struct Server {
        pub(super) modulus: BigUint,
        pub(super) verifier: BigUint,
        pub(super) secret: BigUint,
    }

    /// Two's complement of a signed integer: not how the implementation under test comes to its zero.
    pub(super) fn bytes(number: &BigUint) -> Vec<u8> {
        BigInt::from(number.clone()).to_signed_bytes_be()
    }

    pub(super) fn hash(parts: &[&[u8]]) -> Vec<u8> {
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &parts.concat())
            .as_ref()
            .to_vec()
    }

    pub(super) fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
        aws_lc_rs::hmac::sign(&key, &parts.concat())
            .as_ref()
            .to_vec()
    }

    pub(super) fn number(bytes: &[u8]) -> BigUint {
        BigUint::from_bytes_be(bytes)
    }

    pub(super) fn private(salt: &BigUint, pool: &str, user: &str, password: &str) -> BigUint {
        let inner = hash(&[format!("{pool}{user}:{password}").as_bytes()]);
        number(&hash(&[&bytes(salt), &inner]))
    }

    pub(super) fn scrambler(a: &BigUint, b: &BigUint) -> BigUint {
        number(&hash(&[&bytes(a), &bytes(b)]))
    }

    pub(super) fn signature(
        shared: &BigUint,
        scrambler: &BigUint,
        pool: &str,
        user: &str,
        secret_block: &[u8],
        timestamp: &str,
    ) -> Vec<u8> {
        let extracted = hmac(&bytes(scrambler), &[&bytes(shared)]);
        let key = hmac(&extracted, &[b"Caldera Derived Key", &[1]]);
        hmac(
            &key[..16],
            &[
                pool.as_bytes(),
                user.as_bytes(),
                secret_block,
                timestamp.as_bytes(),
            ],
        )
    }

    impl Server {
        fn multiplier(&self) -> BigUint {
            number(&hash(&[&bytes(&self.modulus), &[2]]))
        }

        pub(super) fn public(&self) -> BigUint {
            let two = BigUint::from(2_u8);
            (self.multiplier() * &self.verifier + two.modpow(&self.secret, &self.modulus))
                % &self.modulus
        }

        /// Takes the next secret whose public value has at most so many bits.
        pub(super) fn shorten_public(&mut self, bits: u64) {
            let mut public = self.public();
            let verifier = self.multiplier() * &self.verifier % &self.modulus;
            while public.bits() > bits {
                // The next power of 2 is twice this one: 2(B - kv) + kv.
                public = (2_u8 * public + &self.modulus - &verifier) % &self.modulus;
                self.secret += 1_u8;
            }
            assert_eq!(public, self.public());
        }

        /// The server's way to the shared number: (A · v^u) ^ b.
        pub(super) fn shared(&self, theirs: &BigUint) -> BigUint {
            let scrambler = scrambler(theirs, &self.public());
            (theirs * self.verifier.modpow(&scrambler, &self.modulus))
                .modpow(&self.secret, &self.modulus)
        }

        /// The client's way to it, with the client's numbers: (B - k·g^x) ^ (a + u·x).
        pub(super) fn shared_as_client(&self, secret: &BigUint, private: &BigUint) -> BigUint {
            let two = BigUint::from(2_u8);
            let public = self.public();
            let scrambler = scrambler(&two.modpow(secret, &self.modulus), &public);
            let taken = self.multiplier() * two.modpow(private, &self.modulus) % &self.modulus;
            ((public + &self.modulus - taken) % &self.modulus)
                .modpow(&(secret + scrambler * private), &self.modulus)
        }
    }
}

#[test]
fn the_published_vector_is_met() {
    let number = "36ef01c6dde9fe503da333b1acc758ba";
    let proof = with_secret(&[1; 128])
        .prove(
            "abc",
            &Challenge {
                salt: number,
                public: number,
                secret_block: "9ae77ec7154c14dcc487b47707fee4b4920cb96d8a8c045e4c8df879a7b375524aa736acdec6c9ad4ea606774d00621b",
                user: "user_id",
            },
            &"password".parse().unwrap(),
            datetime!(2025-02-10 18:30:12 UTC),
        )
        .unwrap();
    assert_eq!(proof.timestamp, "Mon Feb 10 18:30:12 UTC 2025");
    assert_eq!(
        proof.signature,
        "apNSb5GZpJciVc6cVNkDf4elCMoWUZcH4aukLlMPiFA="
    );
}

/// Numbers with zeros in front, with the top bit set and with an odd number of digits come up by themselves among so many;
/// the test counts them, so that it cannot pass without them.
#[test]
fn both_sides_agree_whatever_the_numbers_are() {
    let counts = std::thread::scope(|scope| {
        let threads = [1, 2, 3, 4].map(|seed| scope.spawn(move || agree(seed, 128)));
        threads.map(|thread| thread.join().unwrap())
    });
    let [short, signed, odd] =
        [0, 1, 2].map(|kind| counts.map(|of| of[kind]).iter().sum::<usize>());
    assert!(
        short >= 128 && signed >= 128 && odd >= 16,
        "{short} {signed} {odd}"
    );
}

/// Signs in so many times; returns how many of Cognito's public values had zeros in front, the top bit set and an odd number
/// of digits.
fn agree(seed: u64, rounds: u32) -> [usize; 3] {
    let mut rng = StdRng::seed_from_u64(seed);
    let modulus = modulus();
    let (mut short, mut signed, mut odd) = (0, 0, 0);
    for round in 0..rounds {
        let mut secret = [0; 128];
        rng.fill_bytes(&mut secret);
        // Salts are short on purpose now and then.
        let mut salt = vec![0; rng.random_range(1..=16)];
        rng.fill_bytes(&mut salt);
        let salt = reference::number(&salt);
        // Enough to tell numbers apart, and quick to compute with.
        let mut theirs = [0; 8];
        rng.fill_bytes(&mut theirs);
        let password = format!("Pässwort {round}");
        let private = reference::private(&salt, POOL, USER, &password);
        let mut server = reference::Server {
            verifier: BigUint::from(2_u8).modpow(&private, &modulus),
            secret: reference::number(&theirs),
            modulus: modulus.clone(),
        };
        if round % 4 == 0 {
            // A public value with zeros in front is rare: look for one.
            server.shorten_public(3_064);
        }
        let public = format!("{:x}", server.public());
        short += usize::from(public.len() < 767);
        signed += usize::from(server.public().bits().is_multiple_of(8));
        odd += usize::from(public.len() % 2 == 1);
        let mut secret_block = [0; 64];
        rng.fill_bytes(&mut secret_block);

        let client = with_secret(&secret);
        let ours = BigUint::parse_bytes(client.public().as_bytes(), 16).unwrap();
        let proof = client
            .prove(
                POOL,
                &Challenge {
                    salt: &format!("{salt:x}"),
                    public: &public,
                    secret_block: &BASE64_STANDARD.encode(secret_block),
                    user: USER,
                },
                &password.parse().unwrap(),
                datetime!(2025-02-03 08:05:01 UTC),
            )
            .unwrap();

        let shared = server.shared(&ours);
        if round % 8 == 0 {
            let secret = reference::number(&secret);
            assert_eq!(shared, server.shared_as_client(&secret, &private));
        }
        let expected = reference::signature(
            &shared,
            &reference::scrambler(&ours, &server.public()),
            POOL,
            USER,
            &secret_block,
            "Mon Feb 3 08:05:01 UTC 2025",
        );
        assert_eq!(
            proof.signature,
            BASE64_STANDARD.encode(expected),
            "round {round}"
        );
    }
    [short, signed, odd]
}

#[test]
fn what_is_no_challenge_is_not_answered() {
    let sound = || Challenge {
        salt: "36ef01c6dde9fe503da333b1acc758ba",
        public: "36ef01c6dde9fe503da333b1acc758ba",
        secret_block: "c2VjcmV0",
        user: USER,
    };
    let modulus = format!("{:x}", modulus());
    let too_long = "1".repeat(769);
    for (challenge, flaw) in [
        (
            Challenge {
                salt: "",
                ..sound()
            },
            Flaw::Unreadable,
        ),
        (
            Challenge {
                salt: "xyz",
                ..sound()
            },
            Flaw::Unreadable,
        ),
        (
            Challenge {
                public: "-1",
                ..sound()
            },
            Flaw::Unreadable,
        ),
        (
            Challenge {
                public: &too_long,
                ..sound()
            },
            Flaw::Unreadable,
        ),
        (
            Challenge {
                secret_block: "?",
                ..sound()
            },
            Flaw::Unreadable,
        ),
        (
            Challenge {
                public: "0",
                ..sound()
            },
            Flaw::PublicValue,
        ),
        (
            Challenge {
                public: &modulus,
                ..sound()
            },
            Flaw::PublicValue,
        ),
    ] {
        let proof = with_secret(&[1; 128]).prove(
            POOL,
            &challenge,
            &"password".parse().unwrap(),
            datetime!(2025-02-03 08:05:01 UTC),
        );
        assert_eq!(proof.err(), Some(flaw));
    }
}

#[test]
fn a_scrambler_of_nothing_is_refused() {
    let (zero, one) = (number(&[0; 32]), number(&[1; 32]));
    let shared = with_secret(&[1; 128]).shared(&element(&[2]), &zero, &one);
    assert_eq!(shared.err(), Some(Flaw::Scrambler));
}

#[test]
fn a_secret_that_hides_nothing_is_refused() {
    struct Broken;
    impl Entropy for Broken {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }
    assert_eq!(Handshake::new(&Broken).err(), Some(Flaw::Secret));
}
