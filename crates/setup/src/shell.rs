//! Text that is pasted into bash, and means there what it says.

use domain::Region;

/// The text as one word.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The same, with the value of a variable wherever `unknown` stands.
pub(crate) fn quoted_with(text: &str, unknown: &str, variable: &str) -> String {
    let words: Vec<String> = text.split(unknown).map(quoted).collect();
    words.join(&format!("\"${variable}\""))
}

/// Commands that are read whole before the first of them runs, end at the first that fails, and leave the shell into
/// which they are pasted as it was.
pub(crate) fn script(region: &Region, commands: &[String]) -> String {
    let commands = commands.join("\n");
    // The first is for version 2 of the AWS CLI, which CloudShell sets; the second for version 1.
    format!(
        "(\nset -eu\nexport AWS_PAGER='' AWS_REGION={region} AWS_DEFAULT_REGION={region}\n{commands}\n)\n"
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn said_by_bash(word: &str) -> String {
        let output = Command::new("bash")
            .args(["-c", &format!("known=told; printf %s {word}")])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn nothing_breaks_out_of_a_word() {
        for text in [
            "", "a b", "it's", "''", "$(id)", "`id`", "\"", "\\", "a\nb", "!!", "$known", "*",
            "; id", "'; id; '",
        ] {
            assert_eq!(said_by_bash(&quoted(text)), text);
        }
    }

    #[test]
    fn a_variable_is_one_word_with_what_stands_around_it() {
        let word = quoted_with("it's <unknown>, $known", "<unknown>", "known");
        assert_eq!(said_by_bash(&word), "it's told, $known");
    }
}
