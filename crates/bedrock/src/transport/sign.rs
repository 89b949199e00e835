//! AWS's Signature Version 4, of the one form of request that this transport sends: a POST of JSON without a query.
//!
//! It says what `aws-sigv4` says, which the tests compare it with, in a quarter of the time: there is nothing to sort,
//! to normalise or to choose. A key derived for the day is not kept: it would save less than a hundredth of a request,
//! and be one more secret in memory.

use aws_credential_types::Credentials;
use domain::Region;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use zeroize::Zeroizing;

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]");
const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

/// What is signed.
pub(super) struct Signable<'a> {
    pub(super) host: &'a str,
    /// As it goes over the wire, encoded.
    pub(super) path: &'a str,
    pub(super) content_type: &'a str,
    pub(super) body: &'a [u8],
}

/// What a signature adds to a request, beside the session token.
pub(super) struct Signature {
    /// For the header `x-amz-date`.
    pub(super) time: String,
    /// For the header `authorization`.
    pub(super) authorization: String,
}

/// Signs a request. `None` if there is no such time.
pub(super) fn sign(
    request: &Signable<'_>,
    credentials: &Credentials,
    region: &Region,
    at: OffsetDateTime,
) -> Option<Signature> {
    let time = at.format(TIME).ok()?;
    let date = at.format(DATE).ok()?;
    let region = region.as_str();
    let (token, signed) = match credentials.session_token() {
        Some(token) => (
            ["x-amz-security-token:", token, "\n"],
            "content-type;host;x-amz-date;x-amz-security-token",
        ),
        None => ([""; 3], "content-type;host;x-amz-date"),
    };

    let mut canonical = Sha256::new();
    for part in [
        "POST\n",
        // What is encoded already is encoded once more, as everywhere but in S3.
        &request.path.replace('%', "%25"),
        "\n\ncontent-type:",
        request.content_type,
        "\nhost:",
        request.host,
        "\nx-amz-date:",
        &time,
        "\n",
        &token.concat(),
        "\n",
        signed,
        "\n",
        &hex(&Sha256::digest(request.body)),
    ] {
        canonical.update(part);
    }

    let scope = format!("{date}/{region}/bedrock/aws4_request");
    let secret = Zeroizing::new(format!("AWS4{}", credentials.secret_access_key()));
    let mut key = keyed(secret.as_bytes(), &date)?;
    for part in [region, "bedrock", "aws4_request"] {
        key = keyed(&*key, part)?;
    }
    let text = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
        hex(&canonical.finalize())
    );
    let signature = hex(&*keyed(&*key, &text)?);
    let id = credentials.access_key_id();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={signed}, Signature={signature}"
    );
    Some(Signature {
        time,
        authorization,
    })
}

/// The keyed hash of a text. `None` for no key: keys of every length are taken.
fn keyed(key: &[u8], text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(Zeroizing::new(mac.finalize().into_bytes().into()))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use aws_sigv4::{
        http_request::{SignableBody, SignableRequest, SigningSettings},
        sign::v4,
    };
    use aws_smithy_runtime_api::client::identity::Identity;
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// What `aws-sigv4` adds to the request.
    fn reference(
        request: &Signable<'_>,
        credentials: &Credentials,
        region: &Region,
        at: SystemTime,
    ) -> Vec<(String, String)> {
        let identity = Identity::from(credentials.clone());
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region.as_str())
            .name("bedrock")
            .time(at)
            .settings(SigningSettings::default())
            .build()
            .unwrap();
        let uri = format!("https://{}{}", request.host, request.path);
        let headers = [("content-type", request.content_type)].into_iter();
        let signable =
            SignableRequest::new("POST", uri, headers, SignableBody::Bytes(request.body)).unwrap();
        let signed = aws_sigv4::http_request::sign(signable, &params.into()).unwrap();
        let headers = signed.output().headers();
        let mut headers: Vec<_> = headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        headers.sort();
        headers
    }

    proptest! {
        #[test]
        fn it_is_the_signature_that_the_sdk_makes(
            id in "[A-Z0-9]{16,20}",
            secret in "[A-Za-z0-9/+]{1,80}",
            token in proptest::option::of("[A-Za-z0-9/+=]{1,400}"),
            model in "[a-z0-9][a-z0-9.-]{0,29}(%3A[a-z0-9]{1,5}|%2F[a-z]{1,9}){0,3}",
            body in vec(any::<u8>(), 0..300),
            at in 0_i64..4_000_000_000,
        ) {
            let credentials = Credentials::new(id, secret, token.clone(), None, "test");
            let region = "ap-southeast-2".parse().unwrap();
            let at = OffsetDateTime::from_unix_timestamp(at).unwrap();
            let request = Signable {
                host: "bedrock-runtime.ap-southeast-2.amazonaws.com",
                path: &format!("/model/{model}/converse"),
                content_type: "application/json",
                body: &body,
            };

            let signature = sign(&request, &credentials, &region, at).unwrap();

            let mut headers = vec![
                ("authorization".to_owned(), signature.authorization),
                ("x-amz-date".to_owned(), signature.time),
            ];
            headers.extend(token.map(|token| ("x-amz-security-token".to_owned(), token)));
            prop_assert_eq!(headers, reference(&request, &credentials, &region, at.into()));
        }
    }
}
