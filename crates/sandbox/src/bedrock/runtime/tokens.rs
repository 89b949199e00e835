//! Tokens: a stand-in for the models' tokenizers that always counts alike.

use serde_json::Value;

/// The longest piece of a word that is one token.
const LONGEST: usize = 6;

/// How many tokens an event brings.
const PIECE: usize = 3;

/// What an image, a document or any other attachment counts.
const ATTACHMENT: usize = 1_200;

/// The tokens of a text, in order; joined they are the text again.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let (mut start, mut letters) = (0, 0);
    for (at, letter) in text.char_indices() {
        let begins_word = letter.is_whitespace() && letters > 0;
        if begins_word || letters == LONGEST {
            tokens.push(&text[start..at]);
            (start, letters) = (at, 0);
        }
        letters += 1;
    }
    if start < text.len() {
        tokens.push(&text[start..]);
    }
    tokens
}

/// A text in pieces, as an event each brings them; joined they are the text again.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = String> {
    let pieces: Vec<_> = tokens(text).chunks(PIECE).map(<[_]>::concat).collect();
    pieces.into_iter()
}

/// How many tokens a text has.
pub(crate) fn count(text: &str) -> usize {
    tokens(text).len()
}

/// How many tokens the model reads in this part of a request.
pub(crate) fn count_in(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::String(text) => count(text),
        Value::Bool(_) | Value::Number(_) => 1,
        Value::Array(values) => values.iter().map(count_in).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match name.as_str() {
                "image" | "document" | "video" | "audio" => ATTACHMENT,
                "source" if value.get("data").is_some() => ATTACHMENT,
                "cachePoint" | "cache_control" => 0,
                _ => count_in(value),
            })
            .sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_joined_are_the_text() {
        for text in ["", " ", "Hello, world!", "Übergrößenträger  ok", "a\n\nb"] {
            assert_eq!(tokens(text).concat(), text);
            assert_eq!(pieces(text).collect::<String>(), text);
        }
        assert_eq!(
            tokens("one two extraordinary"),
            ["one", " two", " extra", "ordina", "ry"]
        );
    }
}
