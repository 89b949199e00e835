//! Patterns with `*` and `?`, as in actions, resources and `StringLike`.

/// Whether `text` has the form of `pattern`.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at_pattern, mut at_text) = (0, 0);
    // Where to go on if a guess about the last `*` was wrong: behind it, and one character further.
    let mut retry = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                retry = Some((at_pattern + 1, at_text + 1));
                at_pattern += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[at_text] => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => {
                let Some((after_star, next)) = retry else {
                    return false;
                };
                (at_pattern, at_text) = (after_star, next);
                retry = Some((after_star, next + 1));
            }
        }
    }
    pattern[at_pattern..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_others() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "anything"),
            ("bedrock:Invoke*", "bedrock:InvokeModel"),
            ("a*b*c", "a-b-b-c"),
            ("a?c", "abc"),
            (
                "*:foundation-model/*",
                "arn:aws:bedrock:eu-west-1::foundation-model/a.b",
            ),
            ("**x", "yx"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a", ""),
            ("a?c", "ac"),
            ("bedrock:Invoke*", "bedrock:Converse"),
            ("a*b", "a-b-c"),
            ("a", "A"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
