//! Values in Terraform's language.

use std::fmt;

/// A value in Terraform's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expression(String);

impl Expression {
    /// What something else says, such as `aws_iam_role.bedrock.arn`.
    pub(super) fn attribute(path: impl Into<String>) -> Self {
        Self(path.into())
    }
}

impl From<String> for Expression {
    /// A text, in which nothing is a template.
    fn from(text: String) -> Self {
        let mut literal = String::with_capacity(text.len() + 2);
        literal.push('"');
        for char in text.chars() {
            match char {
                '"' | '\\' => literal.extend(['\\', char]),
                '\n' => literal.push_str("\\n"),
                '\r' => literal.push_str("\\r"),
                '\t' => literal.push_str("\\t"),
                _ => literal.push(char),
            }
        }
        literal.push('"');
        Self(literal.replace("${", "$${").replace("%{", "%%{"))
    }
}

impl From<&str> for Expression {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_a_template_or_ends_it() {
        for (text, literal) in [
            ("plain", r#""plain""#),
            (r#"a"b\c"#, r#""a\"b\\c""#),
            ("${var.x} %{if}", r#""$${var.x} %%{if}""#),
            ("a\nb\tc\r", r#""a\nb\tc\r""#),
        ] {
            assert_eq!(Expression::from(text).to_string(), literal);
        }
    }
}
