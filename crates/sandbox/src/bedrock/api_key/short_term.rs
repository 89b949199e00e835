//! Short-term keys: a presigned URL in base64. Whoever holds credentials makes them; AWS keeps no list of them.

use std::{collections::HashMap, time::Duration};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use time::{OffsetDateTime, macros::format_description};
use url::form_urlencoded;

use super::{refused, unauthenticated};
use crate::{AccessKey, Call, Principal, Refusal, World};

/// What the keys begin with.
pub(super) const PREFIX: &str = "bedrock-api-key-";

/// What is signed, without its scheme: the key works in every region's host, though for one region only.
const URL: &str = "bedrock.amazonaws.com/?Action=CallWithBearerToken";

/// The longest that a key lives.
const MAX_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// The key that these credentials make at `now`, for one region.
pub fn short_term(
    access_key_id: &str,
    key: &AccessKey,
    region: &str,
    now: OffsetDateTime,
    lifetime: Duration,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in signature(access_key_id, key, region, now, lifetime).unwrap_or_default() {
        query.append_pair(name, &value);
    }
    let url = format!("{URL}&{}&Version=1", query.finish());
    format!("{PREFIX}{}", BASE64_STANDARD.encode(url))
}

/// Who signed a key, given without its prefix.
pub(super) fn principal(world: &World, call: &Call, encoded: &str) -> Result<Principal, Refusal> {
    let claim = Claim::read(encoded).ok_or_else(unauthenticated)?;
    let (key, principal) = world
        .state()
        .signer(&claim.access_key_id)
        .ok_or_else(unauthenticated)?;
    if !claim.is_signed_by(&key) || claim.region != call.region {
        return Err(unauthenticated());
    }
    let ends = claim.signed_at + claim.lifetime;
    let session_ended = key.expires_at.is_some_and(|end| end <= call.now);
    if ends <= call.now || session_ended {
        return Err(refused("Bearer Token has expired"));
    }
    Ok(principal)
}

/// What a key says of itself.
struct Claim {
    access_key_id: String,
    region: String,
    signed_at: OffsetDateTime,
    lifetime: Duration,
    session_token: Option<String>,
    signature: String,
}

impl Claim {
    fn read(encoded: &str) -> Option<Self> {
        let url = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
        let (host, query) = url.split_once("/?")?;
        let mut query: HashMap<_, _> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let mut take = |name: &str| query.remove(name);
        let is_ours = host == "bedrock.amazonaws.com"
            && take("Action")? == "CallWithBearerToken"
            && take("X-Amz-Algorithm")? == "AWS4-HMAC-SHA256";
        let credential = take("X-Amz-Credential")?;
        let [access_key_id, _, region, "bedrock", "aws4_request"] =
            credential.split('/').collect::<Vec<_>>()[..]
        else {
            return None;
        };
        let lifetime = Duration::from_secs(take("X-Amz-Expires")?.parse().ok()?);
        (is_ours && lifetime <= MAX_LIFETIME).then_some(())?;
        Some(Self {
            access_key_id: access_key_id.to_owned(),
            region: region.to_owned(),
            signed_at: date(&take("X-Amz-Date")?)?,
            lifetime,
            session_token: take("X-Amz-Security-Token"),
            signature: take("X-Amz-Signature")?,
        })
    }

    fn is_signed_by(&self, key: &AccessKey) -> bool {
        let Some(parameters) = signature(
            &self.access_key_id,
            key,
            &self.region,
            self.signed_at,
            self.lifetime,
        ) else {
            return false;
        };
        key.session_token == self.session_token
            && parameters.contains(&("X-Amz-Signature", self.signature.clone()))
    }
}

/// The parameters that presigning adds, the signature among them.
fn signature(
    access_key_id: &str,
    key: &AccessKey,
    region: &str,
    now: OffsetDateTime,
    lifetime: Duration,
) -> Option<Vec<(&'static str, String)>> {
    let credentials = Credentials::new(
        access_key_id,
        &key.secret,
        key.session_token.clone(),
        None,
        "sandbox",
    );
    let identity = credentials.into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(lifetime);
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("bedrock")
        .time(now.into())
        .settings(settings)
        .build()
        .ok()?
        .into();
    let url = format!("https://{URL}");
    let request =
        SignableRequest::new("POST", url, std::iter::empty(), SignableBody::Bytes(b"")).ok()?;
    let (instructions, _) = sign(request, &parameters).ok()?.into_parts();
    let (_, added) = instructions.into_parts();
    Some(
        added
            .into_iter()
            .map(|(name, value)| (name, value.into_owned()))
            .collect(),
    )
}

fn date(text: &str) -> Option<OffsetDateTime> {
    let form = format_description!("[year][month][day]T[hour][minute][second]Z");
    time::PrimitiveDateTime::parse(text, form)
        .ok()
        .map(time::PrimitiveDateTime::assume_utc)
}
