//! Signatures of version 4, computed anew from the request as it came, without AWS's own code: so a mistake in how a
//! client signs shows here as it would at AWS.

use std::fmt::Write;

use aws_lc_rs::hmac;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime, PrimitiveDateTime, macros::format_description};

use crate::{Call, Principal, Refusal, Service, World, percent};

/// How far a client's clock may be off.
const SKEW: Duration = Duration::minutes(5);

/// Who signed the request.
///
/// # Errors
/// AWS's refusal of a signature that is missing, incomplete, of another time, of an unknown or ended key, or wrong.
pub(crate) fn verify(world: &World, call: &Call) -> Result<Principal, Refusal> {
    let words = Words(call.service);
    let header = call
        .headers
        .get(http::header::AUTHORIZATION)
        .ok_or_else(|| words.missing())?
        .to_str()
        .map_err(|_| words.incomplete("Authorization header is not ASCII."))?;
    let signature = Signature::read(header).map_err(|message| words.incomplete(&message))?;
    let at = signed_at(call).ok_or_else(|| {
        words.incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    })?;
    signature.check_scope(call, at, &words)?;
    check_skew(call.now, at, &words)?;
    let (key, principal) = world
        .state()
        .signer(signature.access_key)
        .ok_or_else(|| words.unknown_key())?;
    let token = call
        .headers
        .get("x-amz-security-token")
        .map(http::HeaderValue::as_bytes);
    if token != key.session_token.as_deref().map(str::as_bytes) {
        return Err(words.unknown_key());
    }
    if !signature.covers(call) || signature.value != signature.compute(call, at, &key.secret) {
        return Err(words.mismatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        ));
    }
    if key.expires_at.is_some_and(|end| end <= call.now) {
        return Err(words.expired());
    }
    Ok(principal)
}

/// The header `authorization`, in its parts.
struct Signature<'a> {
    access_key: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: Vec<&'a str>,
    value: &'a str,
}

impl<'a> Signature<'a> {
    fn read(header: &'a str) -> Result<Self, String> {
        let Some(parts) = header.strip_prefix("AWS4-HMAC-SHA256 ") else {
            return Err(
                "Authorization header requires the algorithm 'AWS4-HMAC-SHA256'.".to_owned(),
            );
        };
        let part = |name: &str| {
            parts
                .split(',')
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
                .ok_or_else(|| {
                    format!(
                        "Authorization header requires '{name}' parameter. Authorization={header}"
                    )
                })
        };
        let credential = part("Credential")?;
        let mut scope = credential.split('/');
        let mut next = || {
            scope.next().ok_or_else(|| {
                format!(
                    "Credential must have exactly 5 slash-delimited elements, got '{credential}'"
                )
            })
        };
        let signature = Self {
            access_key: next()?,
            date: next()?,
            region: next()?,
            service: next()?,
            signed_headers: part("SignedHeaders")?.split(';').collect(),
            value: part("Signature")?,
        };
        if next()? == "aws4_request" && scope.next().is_none() {
            Ok(signature)
        } else {
            Err("Credential should be scoped with a valid terminator: 'aws4_request'.".to_owned())
        }
    }

    fn check_scope(&self, call: &Call, at: OffsetDateTime, words: &Words) -> Result<(), Refusal> {
        if self.region != call.region {
            let region = self.region;
            return Err(words.mismatch(format!(
                "Credential should be scoped to a valid region, not '{region}'. "
            )));
        }
        let service = call.service.scope();
        if self.service != service {
            return Err(words.mismatch(format!(
                "Credential should be scoped to correct service: '{service}'. "
            )));
        }
        if self.date != date(at) {
            let (signed, sent) = (self.date, stamp(at));
            return Err(words.mismatch(format!("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{signed}' != '{}', from '{sent}'.", date(at))));
        }
        Ok(())
    }

    /// Whether what AWS demands is signed: the host and every header of AWS's own.
    fn covers(&self, call: &Call) -> bool {
        let demanded = call
            .headers
            .keys()
            .map(http::HeaderName::as_str)
            .filter(|name| *name == "host" || name.starts_with("x-amz-"));
        self.signed_headers.contains(&"host")
            && demanded
                .into_iter()
                .all(|name| self.signed_headers.contains(&name))
    }

    fn compute(&self, call: &Call, at: OffsetDateTime, secret: &str) -> String {
        let scope = format!(
            "{}/{}/{}/aws4_request",
            self.date, self.region, self.service
        );
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
            stamp(at),
            hex(Sha256::digest(self.canonical(call)).as_ref())
        );
        let steps = [
            self.date,
            self.region,
            self.service,
            "aws4_request",
            &to_sign,
        ];
        let key = format!("AWS4{secret}").into_bytes();
        let value = steps.into_iter().fold(key, |key, step| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
            hmac::sign(&key, step.as_bytes()).as_ref().to_vec()
        });
        hex(&value)
    }

    /// The request in the one form that both sides sign.
    fn canonical(&self, call: &Call) -> String {
        // Every service but S3 signs the path encoded once more.
        let path = percent::encode(&call.path, true);
        let mut query: Vec<(String, String)> = call
            .raw_query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                let again = |text| percent::encode(&percent::decode(text), false);
                (again(name), again(value))
            })
            .collect();
        query.sort();
        let query: Vec<String> = query
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let headers: String = self
            .signed_headers
            .iter()
            .map(|name| {
                let values: Vec<String> = call
                    .headers
                    .get_all(*name)
                    .iter()
                    .map(|value| squeezed(value.as_bytes()))
                    .collect();
                format!("{name}:{}\n", values.join(","))
            })
            .collect();
        format!(
            "{}\n{path}\n{}\n{headers}\n{}\n{}",
            call.method,
            query.join("&"),
            self.signed_headers.join(";"),
            hex(Sha256::digest(&call.body).as_ref())
        )
    }
}

/// The service's words for what is wrong: the same refusals have other codes in STS's query protocol.
struct Words(Service);

impl Words {
    fn refusal(
        &self,
        query: &'static str,
        other: &'static str,
        status: u16,
        message: impl Into<String>,
    ) -> Refusal {
        let code = if self.0 == Service::Sts { query } else { other };
        Refusal::new(status, code, message)
    }

    fn missing(&self) -> Refusal {
        let message = match self.0 {
            Service::Sts => "Request is missing Authentication Token",
            _ => "Missing Authentication Token",
        };
        self.refusal(
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            403,
            message,
        )
    }

    fn incomplete(&self, message: &str) -> Refusal {
        self.refusal(
            "IncompleteSignature",
            "IncompleteSignatureException",
            403,
            message,
        )
    }

    fn mismatch(&self, message: impl Into<String>) -> Refusal {
        self.refusal(
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            403,
            message,
        )
    }

    fn unknown_key(&self) -> Refusal {
        let message = "The security token included in the request is invalid.";
        self.refusal(
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            403,
            message,
        )
    }

    fn expired(&self) -> Refusal {
        let message = "The security token included in the request is expired";
        self.refusal("ExpiredToken", "ExpiredTokenException", 403, message)
    }
}

fn check_skew(now: OffsetDateTime, at: OffsetDateTime, words: &Words) -> Result<(), Refusal> {
    let (sent, clock) = (stamp(at), stamp(now));
    if at < now - SKEW {
        let earliest = stamp(now - SKEW);
        return Err(words.mismatch(format!(
            "Signature expired: {sent} is now earlier than {earliest} ({clock} - 5 min.)"
        )));
    }
    if at > now + SKEW {
        let latest = stamp(now + SKEW);
        return Err(words.mismatch(format!(
            "Signature not yet current: {sent} is still later than {latest} ({clock} + 5 min.)"
        )));
    }
    Ok(())
}

fn signed_at(call: &Call) -> Option<OffsetDateTime> {
    let text = call.headers.get("x-amz-date")?.to_str().ok()?;
    let form = format_description!("[year][month][day]T[hour][minute][second]Z");
    PrimitiveDateTime::parse(text, form)
        .ok()
        .map(PrimitiveDateTime::assume_utc)
}

fn stamp(at: OffsetDateTime) -> String {
    let form = format_description!("[year][month][day]T[hour][minute][second]Z");
    at.format(form).unwrap_or_default()
}

fn date(at: OffsetDateTime) -> String {
    stamp(at).chars().take(8).collect()
}

/// A header's value without spaces around it and with single ones inside.
fn squeezed(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    text.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
