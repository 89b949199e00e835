//! The one key that the proxy knows, and what it stands for.

use std::collections::HashMap;

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use aws_credential_types::Credentials;
use sha2::{Digest, Sha256};

/// The key that it knows.
pub(crate) const KEY: &str =
    "bi_0198c0c0c0c07000800000000000000a_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// As long as what there is to know of a role: its ARN and its external ID.
const ROLE: &str = "arn:aws:iam::123456789012:role/bedrock-integrations 7c0e4f0e-7c8a-4c55-9d7e-1f3f2b9a6d11\
    5a1c8f3b-0d92-4e6a-8b7c-3e2d1f0a9b8c ap-southeast-1";
const NONCE: [u8; 12] = [7; 12];

pub(super) struct Keys {
    bare: HashMap<String, Credentials>,
    sealed: HashMap<[u8; 32], Sealed>,
    master: Aes256Gcm,
    /// By what is opened.
    leases: HashMap<Vec<u8>, Credentials>,
}

struct Sealed {
    text: Vec<u8>,
    tag: [u8; 16],
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
        let master = Aes256Gcm::new(&[1; 32].into());
        let mut text = ROLE.as_bytes().to_vec();
        let tag = master
            .encrypt_inout_detached(&NONCE.into(), b"", text.as_mut_slice().into())
            .unwrap();
        let tag = tag.into();
        Self {
            bare: HashMap::from([(format!("Bearer {KEY}"), lease.clone())]),
            sealed: HashMap::from([(hash(KEY), Sealed { text, tag })]),
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
        let Sealed { text, tag } = &self.sealed[&hash(key)];
        let mut opened = text.clone();
        self.master
            .decrypt_inout_detached(&NONCE.into(), b"", opened.as_mut_slice().into(), tag.into())
            .unwrap();
        &self.leases[&opened]
    }
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}
