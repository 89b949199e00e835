//! What a model answers. It thinks of nothing by itself, so that the same question always has the same answer:
//!
//! * `say …` and `repeat …` are answered with the rest of the line, `count to …` with numbers;
//! * a tool is called if it has to be, or if the question has a word of its name, and not while results are at hand (if it has to be then, the last one is); if the
//!   question has words of several, all of them are called;
//! * anything else is told back, with the model's name and its system prompt.

use serde_json::{Value, json};

use super::{
    prompt::{Choice, Prompt, Tool},
    tokens::{count, tokens},
};
use crate::bedrock::{model::Model, runtime::seal};

/// What a model answers.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// What it gave, in order.
    pub(crate) blocks: Vec<Block>,
    /// Why it stopped.
    pub(crate) stop: Stop,
    /// How many tokens it gave.
    pub(crate) output_tokens: usize,
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    /// What it thought, signed.
    Thought { text: String, signature: String },
    /// What it says.
    Text(String),
    /// A tool that it calls.
    Call {
        id: String,
        name: String,
        input: Value,
    },
}

/// Why a model stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It had said all.
    End,
    /// It calls a tool.
    Tool,
    /// It had no tokens left.
    Length,
    /// It met this sequence.
    Sequence(String),
}

/// The most that `count to` counts.
const HIGHEST: usize = 10_000;

impl Stop {
    /// The name that Converse, Nova and Anthropic have for it.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::End => "end_turn",
            Self::Tool => "tool_use",
            Self::Length => "max_tokens",
            Self::Sequence(_) => "stop_sequence",
        }
    }
}

impl Reply {
    /// All that it says.
    pub(crate) fn text(&self) -> String {
        let text = |block: &Block| match block {
            Block::Text(text) => Some(text.clone()),
            Block::Thought { .. } | Block::Call { .. } => None,
        };
        self.blocks.iter().filter_map(text).collect()
    }
}

/// What the model answers.
pub(crate) fn reply(model: &Model, prompt: &Prompt) -> Reply {
    let mut left = prompt.max_tokens;
    let mut blocks = Vec::new();
    if prompt.thinks {
        let thought = format!("The user asks: {} I answer it plainly.", prompt.text);
        let text = within(&thought, &mut left);
        let signature = seal(&["thought", &text]);
        blocks.push(Block::Thought { text, signature });
    }
    let mut stop = Stop::End;
    match &called(prompt)[..] {
        _ if left == 0 => stop = Stop::Length,
        tools @ [_, ..] => {
            stop = Stop::Tool;
            for tool in tools {
                let input = input(&tool.schema, &prompt.text);
                left = left.saturating_sub(count(&input.to_string()));
                if left == 0 {
                    stop = Stop::Length;
                    break;
                }
                let id = format!(
                    "tooluse_{}",
                    &seal(&["call", &tool.name, &prompt.text])[..22]
                );
                let name = tool.name.clone();
                blocks.push(Block::Call { id, name, input });
            }
        }
        [] => {
            let mut text = match &prompt.format {
                Some(schema) => input(schema, &prompt.text).to_string(),
                None => words(model, prompt),
            };
            if let Some((at, sequence)) = first(&text, &prompt.stop_sequences) {
                text.truncate(at);
                stop = Stop::Sequence(sequence);
            }
            let said = within(&text, &mut left);
            if said.len() < text.len() {
                stop = Stop::Length;
            }
            blocks.push(Block::Text(said));
        }
    }
    Reply {
        blocks,
        stop,
        output_tokens: prompt.max_tokens - left,
    }
}

fn words(model: &Model, prompt: &Prompt) -> String {
    let text = prompt.text.trim();
    if !prompt.results.is_empty() {
        return format!("The tool says: {}", prompt.results.join("; "));
    }
    if let Some(rest) = after(text, &["say ", "repeat "]) {
        return rest.lines().next().unwrap_or_default().to_owned();
    }
    if let Some(number) = after(text, &["count to "]).and_then(number) {
        let numbers: Vec<String> = (1..=number.min(HIGHEST)).map(|n| n.to_string()).collect();
        return numbers.join(", ");
    }
    let mut answer = format!("This is {}. You said: {text}", model.name);
    for attachment in &prompt.attachments {
        answer.push_str(&format!(" You sent one {attachment}."));
    }
    if let Some(system) = &prompt.system {
        answer.push_str(&format!(" My instructions are: {system}"));
    }
    answer
}

/// What follows one of these beginnings, whatever their case.
fn after<'a>(text: &'a str, beginnings: &[&str]) -> Option<&'a str> {
    beginnings.iter().find_map(|beginning| {
        let head = text.get(..beginning.len())?;
        head.eq_ignore_ascii_case(beginning)
            .then(|| &text[beginning.len()..])
    })
}

/// The first number in a text.
fn number(text: &str) -> Option<usize> {
    text.split(|letter: char| !letter.is_ascii_digit())
        .find(|part| !part.is_empty())?
        .parse()
        .ok()
}

/// As much of a text as there are tokens left for.
fn within(text: &str, left: &mut usize) -> String {
    let tokens = tokens(text);
    let given = tokens.len().min(*left);
    *left -= given;
    tokens[..given].concat()
}

/// Where the first of these sequences begins, and which it is.
fn first(text: &str, sequences: &[String]) -> Option<(usize, String)> {
    sequences
        .iter()
        .filter_map(|sequence| Some((text.find(sequence.as_str())?, sequence.clone())))
        .min()
}

/// The tools that are called.
fn called(prompt: &Prompt) -> Vec<&Tool> {
    let asked = prompt.text.to_lowercase();
    let tools = prompt.tools.iter();
    let has_results = !prompt.results.is_empty();
    match &prompt.choice {
        Choice::Never => Vec::new(),
        Choice::Free if has_results => Vec::new(),
        // The first was called before.
        Choice::Any if has_results => tools.rev().take(1).collect(),
        Choice::Any => tools.take(1).collect(),
        Choice::Named(name) => tools.filter(|tool| tool.name == *name).take(1).collect(),
        Choice::Free => tools
            .filter(|tool| {
                let name = tool.name.to_lowercase();
                let mut words = name.split(['_', '-']).filter(|word| word.len() > 3);
                words.any(|word| asked.contains(word))
            })
            .take(if prompt.one_call { 1 } else { usize::MAX })
            .collect(),
    }
}

/// An input that the schema allows, with what the question offers.
fn input(schema: &Value, question: &str) -> Value {
    let members = schema["properties"].as_object().into_iter().flatten();
    members
        .map(|(name, schema)| (name.clone(), value(schema, question)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn value(schema: &Value, question: &str) -> Value {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("integer" | "number") => json!(number(question).unwrap_or(1)),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => input(schema, question),
        _ => json!(subject(question)),
    }
}

/// The last word that is written large, else the last word.
fn subject(question: &str) -> &str {
    let words = || {
        question
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
    };
    let is_large = |word: &&str| word.starts_with(char::is_uppercase);
    words()
        .skip(1)
        .filter(is_large)
        .last()
        .or_else(|| words().next_back())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bedrock::catalogue;

    fn asked(text: &str) -> Prompt {
        Prompt {
            text: text.to_owned(),
            max_tokens: 1_000,
            ..Prompt::default()
        }
    }

    fn answer(prompt: &Prompt) -> Reply {
        reply(catalogue::model("amazon.nova-lite-v1:0").unwrap(), prompt)
    }

    fn weather() -> Tool {
        Tool {
            name: "get_weather".to_owned(),
            schema: json!({"type": "object", "properties": {
                "city": {"type": "string"}, "days": {"type": "integer"}, "unit": {"enum": ["C", "F"]},
            }}),
        }
    }

    #[test]
    fn the_same_question_has_the_same_answer() {
        let prompt = asked("What is a lease?");
        assert_eq!(answer(&prompt).blocks, answer(&prompt).blocks);
        assert_eq!(answer(&asked("Say good morning")).text(), "good morning");
        assert_eq!(answer(&asked("count to 5, please")).text(), "1, 2, 3, 4, 5");
    }

    #[test]
    fn the_tokens_given_are_the_limit() {
        for max_tokens in 1..5 {
            let prompt = Prompt {
                max_tokens,
                ..asked("count to 100")
            };
            let reply = answer(&prompt);
            assert_eq!(reply.stop, Stop::Length);
            assert_eq!(reply.output_tokens, max_tokens);
            assert_eq!(count(&reply.text()), max_tokens);
        }
    }

    #[test]
    fn it_stops_before_the_first_stop_sequence() {
        let prompt = Prompt {
            stop_sequences: vec!["6".to_owned(), "4".to_owned()],
            ..asked("count to 10")
        };
        let reply = answer(&prompt);
        assert_eq!(reply.text(), "1, 2, 3, ");
        assert_eq!(reply.stop, Stop::Sequence("4".to_owned()));
    }

    #[test]
    fn a_tool_is_called_when_the_question_names_it_and_its_result_is_told() {
        let mut prompt = Prompt {
            tools: vec![weather()],
            ..asked("What is the weather in Paris over 3 days?")
        };
        let reply = answer(&prompt);
        assert_eq!(reply.stop, Stop::Tool);
        let [Block::Call { name, input, .. }] = &reply.blocks[..] else {
            panic!("{reply:?}")
        };
        assert_eq!(name, "get_weather");
        assert_eq!(*input, json!({"city": "Paris", "days": 3, "unit": "C"}));
        prompt.results = vec!["sunny".to_owned()];
        assert_eq!(answer(&prompt).text(), "The tool says: sunny");
        let other = Prompt {
            tools: vec![weather()],
            ..asked("Who are you?")
        };
        assert_eq!(answer(&other).stop, Stop::End);
    }

    #[test]
    fn tools_that_the_question_names_are_called_together() {
        let clock = Tool {
            name: "get_time".to_owned(),
            schema: json!({"type": "object"}),
        };
        let mut prompt = Prompt {
            tools: vec![weather(), clock],
            ..asked("What are the weather and the time in Paris?")
        };
        let names = |reply: &Reply| -> Vec<String> {
            let name = |block: &Block| match block {
                Block::Call { name, .. } => Some(name.clone()),
                Block::Text(_) | Block::Thought { .. } => None,
            };
            reply.blocks.iter().filter_map(name).collect()
        };
        assert_eq!(names(&answer(&prompt)), ["get_weather", "get_time"]);
        prompt.choice = Choice::Any;
        assert_eq!(names(&answer(&prompt)), ["get_weather"]);
    }

    #[test]
    fn a_model_that_thinks_may_have_nothing_left_to_say() {
        let prompt = Prompt {
            thinks: true,
            max_tokens: 1,
            ..asked("Hello")
        };
        let reply = answer(&prompt);
        assert_eq!(reply.stop, Stop::Length);
        assert!(matches!(reply.blocks[..], [Block::Thought { .. }]));
    }
}
