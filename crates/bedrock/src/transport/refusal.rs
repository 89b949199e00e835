//! How AWS's JSON services write a refusal: the code in a header or in the body, the message under one of two names.

use serde_json::Value;

/// Code and message of a refusal; empty where there is none.
pub(super) fn read(header: Option<&str>, body: &[u8]) -> (String, String) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str());
    let code = header
        .or_else(|| text(&["__type", "code"]))
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
    use super::*;

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
