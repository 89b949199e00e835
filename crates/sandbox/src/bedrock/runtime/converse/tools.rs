//! `toolConfig`: which tools there are, and which has to be called.

use serde_json::Value;

use crate::{
    Refusal,
    bedrock::{
        model::{Chat, Tools},
        query::violation,
        runtime::prompt::{Choice, Tool},
    },
};

/// The tools, and the choice among them.
pub(super) fn read(
    config: &Value,
    chat: Chat,
    is_streamed: bool,
) -> Result<(Vec<Tool>, Choice), Refusal> {
    if config.is_null() {
        return Ok((Vec::new(), Choice::Never));
    }
    match chat.tools {
        Tools::No => {
            return Err(Refusal::validation("This model doesn't support tool use."));
        }
        Tools::Whole if is_streamed => {
            return Err(Refusal::validation(
                "This model doesn't support tool use in streaming mode.",
            ));
        }
        Tools::Whole | Tools::Streamed | Tools::Named => {}
    }
    let listed = config["tools"]
        .as_array()
        .ok_or_else(Refusal::serialization)?;
    if listed.is_empty() {
        return Err(violation(
            "[]",
            "toolConfig.tools",
            "Member must have length greater than or equal to 1",
        ));
    }
    let mut tools = Vec::new();
    for (index, tool) in listed.iter().enumerate() {
        // A cache point, or a tool that runs at AWS.
        if let Some(tool) = tool.get("toolSpec") {
            tools.push(specified(index, tool)?);
        }
    }
    let choice = choice(&config["toolChoice"], chat)?;
    if let Choice::Named(name) = &choice
        && !tools.iter().any(|tool| tool.name == *name)
    {
        return Err(Refusal::validation(format!(
            "The value at toolConfig.toolChoice.tool.name is not the name of a tool: {name}"
        )));
    }
    Ok((tools, choice))
}

fn specified(index: usize, tool: &Value) -> Result<Tool, Refusal> {
    let place = format!("toolConfig.tools.{}.member.toolSpec", index + 1);
    let name = tool["name"].as_str().unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
        return Err(violation(
            name,
            &format!("{place}.name"),
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+",
        ));
    }
    let schema = tool["inputSchema"]["json"].clone();
    if schema["type"] != "object" {
        return Err(Refusal::validation(format!(
            "The value at toolConfig.tools.{index}.toolSpec.inputSchema.json.type must be one of the following: object."
        )));
    }
    Ok(Tool {
        name: name.to_owned(),
        schema,
    })
}

fn choice(choice: &Value, chat: Chat) -> Result<Choice, Refusal> {
    // Models that call tools in whole answers only decide for themselves.
    let must = |name: &str, choice| match (chat.tools, &choice) {
        (Tools::Named, _) | (Tools::Streamed, Choice::Any) => Ok(choice),
        _ => Err(Refusal::validation(format!(
            "This model doesn't support the toolConfig.toolChoice.{name} field. Remove toolConfig.toolChoice.{name} and \
             try again."
        ))),
    };
    if choice.get("any").is_some() {
        must("any", Choice::Any)
    } else if let Some(tool) = choice.get("tool") {
        let name = tool["name"].as_str().unwrap_or_default();
        must("tool", Choice::Named(name.to_owned()))
    } else {
        Ok(Choice::Free)
    }
}
