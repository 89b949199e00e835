//! Sessions: temporary credentials, as STS and identity pools give them out.

use base64::{Engine, prelude::BASE64_STANDARD};
use time::{Duration, OffsetDateTime};

use crate::{
    Call, World,
    principal::{AccessKey, Principal},
};

/// Temporary credentials that were given out.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) access_key: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) expires_at: OffsetDateTime,
}

impl Session {
    /// Gives out credentials for `principal`, which the world knows from now on.
    pub(crate) fn open(
        world: &World,
        call: &Call,
        principal: Principal,
        lasting: Duration,
    ) -> Self {
        let session = Self {
            access_key: format!("ASIA{}", letters(call)),
            secret: text::<30>(call),
            token: format!("IQoJb3JpZ2luX2Vj{}", text::<300>(call)),
            expires_at: whole_seconds(call.now + lasting),
        };
        let key = AccessKey {
            secret: session.secret.clone(),
            session_token: Some(session.token.clone()),
            expires_at: Some(session.expires_at),
        };
        world
            .state()
            .keys
            .insert(session.access_key.clone(), (key, principal));
        session
    }
}

fn text<const N: usize>(call: &Call) -> String {
    let mut bytes = [0; N];
    call.entropy.fill(&mut bytes);
    BASE64_STANDARD.encode(bytes)
}

fn letters(call: &Call) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bytes = [0; 16];
    call.entropy.fill(&mut bytes);
    bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect()
}

/// AWS tells ends in whole seconds.
fn whole_seconds(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_nanosecond(0).unwrap_or(at)
}
