//! The tables as a page for people: `OPENAI.md`.

use std::fmt::Write;

use super::parameters::{CHAT, EMBEDDINGS, Fate, Parameter};

const INTRODUCTION: &str = "# What becomes of a request to `/openai/v1`

Made from `src/openai/` by `cargo run -p dialects --example openai > crates/dialects/OPENAI.md`; a test fails while this page
says something else than the code.

A refusal has status 400 and names the parameter in `param`; what OpenAI does not know either is refused like that too, at
every depth. A parameter that is known may be `null`, which is as good as nothing. No list may be longer than OpenAI's own:
128 functions and calls of a message, 2,048 messages and parts of one.
";

const MESSAGES: &str = "
## Messages

| what | becomes |
|---|---|
| `system`, `developer` | `system`, wherever they stand |
| `user`, `assistant`, `tool` | turns of user and assistant, neighbours of the same side in one; results of tools lie with the user, each call needs its own before anything else is said |
| `text` | text; blank text, which Bedrock does not take, is left out, and refused where nothing else is said |
| `image_url` | an image, from a `data:` URL with PNG, JPEG, GIF or WebP; nothing is fetched, `detail` is ignored |
| `input_audio` | sound, WAV or MP3 |
| `file` | a document, from `file_data` with PDF, Word, Excel, CSV, HTML, Markdown or text; `file_id` is refused |
| `prompt_cache_breakpoint` | a `cachePoint`, for Nova and Claude (3.5 Haiku, the second 3.5 Sonnet and later), in instructions and in messages of the user; it lasts as long as the model's own, whatever else it says |
| `refusal` | text |
| `name` | nothing: no model of Bedrock's takes it apart from the text |
| `reasoning_content`, `annotations`, and what OpenAI's helpers add: `parsed`, `parsed_arguments`, `index` | nothing: they are ignored |

## Answers

| Bedrock says | the client gets |
|---|---|
| text, cited text | `content` |
| reasoning | `reasoning_content`, without its signature |
| calls, but of tools that run at AWS | `tool_calls`, or `content` if it is the call that `json_schema` stands for |
| `end_turn`, `stop_sequence`, anything new | `stop` |
| `tool_use` | `tool_calls` |
| `max_tokens`, `model_context_window_exceeded` | `length` |
| `guardrail_intervened`, `content_filtered` | `content_filter` |
| `malformed_tool_use`, `malformed_model_output` | an error that clients repeat: what is broken is not to be carried out |
| tokens read, from cache, into cache, written | `prompt_tokens` with `cached_tokens` and `cache_write_tokens` among them, `completion_tokens`; how many were thought, Bedrock does not say |
| a stream that breaks | an event with `error` instead of `[DONE]`, which clients raise |
";

/// The page.
pub fn document() -> String {
    let mut page = INTRODUCTION.to_owned();
    list(&mut page, "Chat completions", CHAT);
    page.push_str(MESSAGES);
    list(&mut page, "Embeddings", EMBEDDINGS);
    page
}

fn list(page: &mut String, title: &str, table: &[Parameter]) {
    // Writing into a string does not fail.
    let _ = write!(
        page,
        "\n## {title}\n\n| parameter | is | |\n|---|---|---|\n"
    );
    for parameter in table {
        let fate = match parameter.fate {
            Fate::Carried => "carried".to_owned(),
            Fate::Ignored => "ignored".to_owned(),
            Fate::Refused([]) => "**refused**".to_owned(),
            Fate::Refused(unless) => format!("**refused**, but for `{}`", unless[0]),
        };
        let _ = writeln!(
            page,
            "| `{}` | {fate} | {} |",
            parameter.name, parameter.note
        );
    }
}
