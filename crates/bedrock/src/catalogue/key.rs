//! What an entry is called in URLs.

use std::fmt;

use serde::Serialize;

/// An entry's name within one connection's catalogue, made of its model id. It is the same whichever way the model is
/// invoked, two ids never share one, and it survives as one segment of a path: ARNs hold `/` and `:`, which routers,
/// proxies and clients each decode in ways of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ModelKey(String);

impl ModelKey {
    /// The key of the entry with this model id. Letters, digits, `-` and `.` stay; any other byte is `~` and two digits.
    pub fn of(model_id: &str) -> Self {
        let mut key = String::with_capacity(model_id.len() + 8);
        for byte in model_id.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => key.push(char::from(byte)),
                _ => key.push_str(&format!("~{byte:02x}")),
            }
        }
        Self(key)
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_key_is_one_segment_of_a_path() {
        let key =
            ModelKey::of("arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1");
        assert_eq!(
            key.as_str(),
            "arn~3aaws~3abedrock~3aeu-west-1~3a123456789012~3aapplication-inference-profile~2fa1"
        );
        let url = url_of(&key);
        assert_eq!(
            url,
            format!("/models/{key}"),
            "nothing in it needs encoding"
        );
    }

    #[test]
    fn two_ids_have_two_keys() {
        let ids = [
            "a:b", "a/b", "a~3ab", "a~b", "a.b", "a b", "a%3Ab", "ä", "A:b",
        ];
        let keys: HashSet<ModelKey> = ids.into_iter().map(ModelKey::of).collect();
        assert_eq!(keys.len(), ids.len());
    }

    fn url_of(key: &ModelKey) -> String {
        let uri: http::Uri = format!("https://x/models/{key}?q=/").parse().unwrap();
        uri.path().to_owned()
    }
}
