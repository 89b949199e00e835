//! How AWS's JSON services write a refusal: the code in a header or in the body, the message under one of two names.

use std::time::Duration;

use credential_provider::{AwsError, Error, classify};
use http::{
    HeaderMap,
    header::{DATE, RETRY_AFTER},
};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// What AWS said against a request.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: Error,
    /// When AWS said it, by its own clock.
    pub(super) date: Option<OffsetDateTime>,
}

impl Refusal {
    /// What can be done about it, from what AWS said and the head of the answer.
    pub(super) fn new(mut aws: AwsError, headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name)?.to_str().ok();
        aws.retry_after = text(RETRY_AFTER)
            .and_then(|seconds| seconds.parse().ok())
            .map(Duration::from_secs);
        Self {
            error: judged(classify(aws)),
            date: text(DATE).and_then(|date| OffsetDateTime::parse(date, &Rfc2822).ok()),
        }
    }

    /// Whether AWS says that the same request may succeed when it is sent again.
    pub(super) fn is_passing(&self) -> bool {
        /// That a model failed or took too long (424, 408) is not among them: each attempt is paid for.
        const PASSING: [u16; 5] = [500, 502, 503, 504, 529];
        match &self.error {
            Error::Throttled(_) => true,
            Error::Faulty(aws) => PASSING.contains(&aws.status),
            _ => false,
        }
    }
}

/// What stands before the runtime has no codes, but what it refuses, a head that is too long for example, it refuses again.
fn judged(error: Error) -> Error {
    /// A model took too long, or failed.
    const OF_MODELS: [u16; 2] = [408, 424];
    match error {
        Error::Faulty(aws)
            if aws.code.is_empty()
                && (400..500).contains(&aws.status)
                && !OF_MODELS.contains(&aws.status) =>
        {
            Error::Rejected(aws)
        }
        error => error,
    }
}

/// Code and message of a refusal; empty where there is none.
pub(super) fn read(header: Option<&str>, body: &[u8]) -> (String, String) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    // An overloaded model answers in the words of its maker.
    let body = body.get("error").unwrap_or(&body);
    let text = |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str());
    let code = header
        .or_else(|| text(&["__type", "code", "type"]))
        .unwrap_or_default();
    let message = text(&["message", "Message"]).unwrap_or_default();
    (bare(code).to_owned(), message.to_owned())
}

/// `namespace#Code:address` without what is around the code.
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn when_and_how_soon_again_is_read_from_the_head() {
        let refused = |headers: &HeaderMap| {
            let refusal = Refusal::new(AwsError::new("x", 529, "", "", None), headers);
            (refusal.date, refusal.error.aws().unwrap().retry_after)
        };
        let mut headers = HeaderMap::new();
        assert_eq!(refused(&headers), (None, None));

        let date = "Sun, 22 Nov 2026 12:00:07 GMT";
        headers.insert(DATE, HeaderValue::from_static(date));
        headers.insert(RETRY_AFTER, HeaderValue::from_static("3"));
        let (date, three) = (datetime!(2026-11-22 12:00:07 UTC), Duration::from_secs(3));
        assert_eq!(refused(&headers), (Some(date), Some(three)));

        headers.insert(DATE, HeaderValue::from_static("yesterday"));
        headers.insert(RETRY_AFTER, HeaderValue::from_static("-1"));
        assert_eq!(refused(&headers), (None, None));
    }

    #[test]
    fn what_is_paid_for_or_cannot_change_is_not_sent_again() {
        for (status, code, is_passing) in [
            (429, "ThrottlingException", true),
            (429, "ModelNotReadyException", true),
            (400, "ThrottlingException", true),
            (500, "InternalServerException", true),
            (503, "ServiceUnavailableException", true),
            (529, "overloaded_error", true),
            (502, "", true),
            (400, "ServiceQuotaExceededException", false),
            (400, "ValidationException", false),
            (403, "AccessDeniedException", false),
            (403, "ExpiredTokenException", false),
            (404, "ResourceNotFoundException", false),
            (408, "ModelTimeoutException", false),
            (424, "ModelErrorException", false),
            (501, "x", false),
            (200, "", false),
        ] {
            let aws = AwsError::new("Converse", status, code, "", None);
            let refusal = Refusal::new(aws, &HeaderMap::new());
            assert_eq!(refusal.is_passing(), is_passing, "{status} {code}");
        }
    }

    #[test]
    fn every_form_is_read() {
        for (header, body, code, message) in [
            (
                Some("AccessDeniedException"),
                r#"{"Message":"no"}"#,
                "AccessDeniedException",
                "no",
            ),
            (
                Some("ValidationException:http://internal.amazon.com/x/"),
                r#"{"message":"no"}"#,
                "ValidationException",
                "no",
            ),
            (
                None,
                r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#,
                "UnknownOperationException",
                "",
            ),
            (
                None,
                r#"{"code":"ThrottlingException","message":"slow"}"#,
                "ThrottlingException",
                "slow",
            ),
            (
                None,
                r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#,
                "overloaded_error",
                "busy",
            ),
            (None, "<html>502</html>", "", ""),
            (None, "[]", "", ""),
            (None, r#"{"message":7}"#, "", ""),
        ] {
            assert_eq!(
                read(header, body.as_bytes()),
                (code.to_owned(), message.to_owned()),
                "{body}"
            );
        }
    }
}
