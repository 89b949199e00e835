//! The one key that the proxy knows, and what it stands for.

use std::collections::HashMap;

use aws_credential_types::Credentials;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};

/// The key that it knows.
pub(crate) const KEY: &str =
    "bi_0198c0c0c0c07000800000000000000a_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// As long as what there is to know of a role: its ARN and its external ID.
const ROLE: &str = "arn:aws:iam::123456789012:role/bedrock-integrations 7c0e4f0e-7c8a-4c55-9d7e-1f3f2b9a6d11\
    5a1c8f3b-0d92-4e6a-8b7c-3e2d1f0a9b8c ap-southeast-1";
const NONCE: [u8; 12] = [7; 12];

pub(super) struct Keys {
    bare: HashMap<String, Credentials>,
    /// By the hash of the key that stands for it.
    sealed: HashMap<[u8; 32], Vec<u8>>,
    master: LessSafeKey,
    /// By what is opened.
    leases: HashMap<Vec<u8>, Credentials>,
}

impl Keys {
    pub(super) fn new() -> Self {
        let lease = Credentials::new(
            "ASIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            Some("t".repeat(600)),
            None,
            "a lease",
        );
        let master = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[1; 32]).unwrap());
        let mut sealed = ROLE.as_bytes().to_vec();
        master
            .seal_in_place_append_tag(Nonce::from(&NONCE), Aad::empty(), &mut sealed)
            .unwrap();
        Self {
            bare: HashMap::from([(format!("Bearer {KEY}"), lease.clone())]),
            sealed: HashMap::from([(hash(KEY), sealed)]),
            master,
            leases: HashMap::from([(ROLE.into(), lease)]),
        }
    }

    /// The lease of a key that is looked up as it is.
    pub(super) fn known(&self, authorization: &str) -> &Credentials {
        &self.bare[authorization]
    }

    /// The lease of a key that is known by its hash, and stands for what is sealed.
    pub(super) fn opened(&self, authorization: &str) -> &Credentials {
        let key = authorization.strip_prefix("Bearer ").unwrap();
        let mut opened = self.sealed[&hash(key)].clone();
        let opened = self
            .master
            .open_in_place(Nonce::from(&NONCE), Aad::empty(), &mut opened)
            .unwrap();
        &self.leases[&*opened]
    }
}

fn hash(key: &str) -> [u8; 32] {
    let hash = digest(&SHA256, key.as_bytes());
    hash.as_ref().try_into().unwrap()
}
