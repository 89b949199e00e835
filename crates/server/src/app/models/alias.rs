//! The alias of a model for which none was chosen.

use domain::Alias;

/// A name that is shorter says nothing without its maker's.
const SAYS_NOTHING: usize = 5;

/// What is left of an id or a name without geography, maker, date and first version: `claude-sonnet-4-5` of
/// `eu.anthropic.claude-sonnet-4-5-20250929-v1:0`. None if nothing is.
pub(super) fn derived(label: &str) -> Option<Alias> {
    let label = label.to_ascii_lowercase();
    let (makers, model) = label.split_at(start_of_model(&label));
    let model = model.split(':').next().unwrap_or_default();
    let words: Vec<&str> = model.split('-').filter(|word| !is_date(word)).collect();
    let words = match &words[..] {
        [name @ .., "v1"] if !name.is_empty() => name,
        all => all,
    };
    let name = words.join("-");
    let maker = makers.split('.').rev().find(|maker| !maker.is_empty());
    let name = match maker {
        Some(maker) if name.len() < SAYS_NOTHING => format!("{maker}-{name}"),
        _ => name,
    };
    plain(&name).parse().ok()
}

/// Behind the last dot before a letter: `kimi-k2.5` keeps its own.
fn start_of_model(label: &str) -> usize {
    let mut pairs = label.as_bytes().windows(2);
    pairs
        .rposition(|pair| pair[0] == b'.' && pair[1].is_ascii_lowercase())
        .map_or(0, |dot| dot + 1)
}

fn is_date(word: &str) -> bool {
    word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The words of a text, with hyphens between them.
fn plain(text: &str) -> String {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c);
    let words: Vec<&str> = text
        .split(|c| !fits(c))
        .filter(|word| !word.is_empty())
        .collect();
    let mut plain = words.join("-");
    plain.truncate(Alias::MAX_CHARS);
    plain
        .trim_matches(|c: char| !c.is_ascii_alphanumeric())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_what_people_call_the_model() {
        for (label, alias) in [
            (
                "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
                "claude-sonnet-4-5",
            ),
            (
                "anthropic.claude-3-5-sonnet-20241022-v2:0",
                "claude-3-5-sonnet-v2",
            ),
            ("anthropic.claude-v2:1:18k", "claude-v2"),
            ("global.anthropic.claude-sonnet-4-6", "claude-sonnet-4-6"),
            ("amazon.nova-lite-v1:0", "nova-lite"),
            ("amazon.titan-embed-text-v2:0", "titan-embed-text-v2"),
            ("meta.llama3-1-70b-instruct-v1:0", "llama3-1-70b-instruct"),
            ("moonshotai.kimi-k2.5", "kimi-k2.5"),
            ("us.deepseek.r1-v1:0", "deepseek-r1"),
            ("deepseek.v3.2", "deepseek-v3.2"),
            ("openai.gpt-oss-120b-1:0", "gpt-oss-120b-1"),
            ("Support Desk (EU)", "support-desk-eu"),
            ("a1b2c3d4e5f6", "a1b2c3d4e5f6"),
            ("v1", "v1"),
        ] {
            assert_eq!(derived(label).unwrap().as_str(), alias, "{label}");
        }
    }

    #[test]
    fn a_long_name_is_cut_and_one_of_nothing_is_none() {
        let long = derived(&"ab-".repeat(40)).unwrap();
        assert_eq!(long.as_str().len(), Alias::MAX_CHARS);
        for nothing in ["", "東京", "---", "mod_a"] {
            assert_eq!(derived(nothing), None, "{nothing}");
        }
    }
}
