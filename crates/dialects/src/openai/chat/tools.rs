//! Tools, the choice among them, and the format of the answer, which for many models is a tool too.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    messages::require_name,
    request::{JsonSchema, Request, Tool, ToolChoice},
};
use crate::{
    openai::{
        Refusal,
        converse::{self, InputSchema, Kind, OneCall, Structure, TextFormat, ToolConfig, ToolSpec},
        model::Model,
    },
    text::TextOr,
};

/// What a request says of tools and of the answer's format, in Bedrock's form.
pub(super) struct Tools<'a> {
    pub(super) config: Option<ToolConfig<'a>>,
    pub(super) text_format: Option<TextFormat<'a>>,
    /// The tool whose input is the answer.
    pub(super) format: Option<&'a str>,
    /// Whether the model has to call.
    pub(super) is_forced: bool,
    /// The choice, if it is for one call at a time.
    pub(super) one_call: Option<OneCall<'a>>,
}

/// What the choice comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice<'a> {
    Free,
    Never,
    Any,
    Named(&'a str),
}

/// Reads them; `called` are the functions that the messages say were called.
pub(super) fn read<'a>(
    request: &'a Request<'a>,
    called: &BTreeSet<&'a str>,
    model: Model<'_>,
) -> Result<Tools<'a>, Refusal> {
    let tools = request.tools.as_deref().unwrap_or_default();
    let mut specified = Vec::with_capacity(tools.len() + 1);
    for (index, tool) in tools.iter().enumerate() {
        let at = |member: &str| format!("tools[{index}].{member}");
        let spec = specify(tool, at, model)?;
        if specified
            .iter()
            .any(|earlier: &ToolSpec<'_>| earlier.name == spec.name)
        {
            return Err(Refusal::invalid(
                at("function.name"),
                "is another tool's name.",
            ));
        }
        specified.push(spec);
    }
    let choice = choose(request.tool_choice.as_ref(), &specified)?;
    if matches!(choice, Choice::Any | Choice::Named(_)) && !model.calls_on_demand() {
        let what = "must be auto with this model, which decides for itself.";
        return Err(Refusal::unsupported("tool_choice", what));
    }
    if choice == Choice::Never {
        if !called.is_empty() {
            return Err(Refusal::unsupported(
                "tool_choice",
                "cannot be none while the messages hold tool calls: Bedrock cannot forbid them then.",
            ));
        }
        specified.clear();
    } else if specified.is_empty() {
        // Bedrock takes no calls of tools that it is not told of.
        specified.extend(called.iter().map(|name| ToolSpec {
            name,
            description: None,
            input_schema: any_object(),
            strict: None,
        }));
    }
    let is_alone = request.parallel_tool_calls == Some(false) && !specified.is_empty();
    let schema = schema(request)?;
    let mut tools = Tools {
        config: None,
        text_format: None,
        format: None,
        is_forced: false,
        one_call: None,
    };
    let mut tool_choice = match choice {
        Choice::Free | Choice::Never => None,
        Choice::Any => Some(converse::ToolChoice::Any {}),
        Choice::Named(name) if model.calls_by_name() => Some(converse::ToolChoice::Tool { name }),
        // Who is told of one alone, and has to call, calls that.
        Choice::Named(name) => {
            specified.retain(|tool| tool.name == name || called.contains(tool.name));
            if specified.len() > 1 {
                let what = "must not be a function with this model while the messages hold calls of others: it can be told to call, but not which.";
                return Err(Refusal::unsupported("tool_choice", what));
            }
            Some(converse::ToolChoice::Any {})
        }
    };
    match schema {
        Some((format, schema)) if model.is_structured() => {
            tools.text_format = Some(TextFormat {
                r#type: "json_schema",
                structure: Structure::JsonSchema(converse::JsonSchema {
                    schema: schema.get(),
                    name: &format.name,
                    description: description(format.description.as_deref()),
                }),
            });
        }
        // Where a call is demanded, it is no answer that is awaited.
        Some((format, schema)) if matches!(choice, Choice::Free | Choice::Never) => {
            if !model.calls_on_demand() {
                let what = "is not supported with this model, which cannot be held to a schema.";
                return Err(Refusal::unsupported("response_format", what));
            }
            let name = &*format.name;
            if specified.iter().any(|tool| tool.name == name) {
                let param = "response_format.json_schema.name";
                return Err(Refusal::invalid(param, "is a tool's name."));
            }
            tool_choice = Some(converse::ToolChoice::Any {});
            specified.push(ToolSpec {
                name,
                description: description(format.description.as_deref()),
                input_schema: InputSchema::Json(schema),
                strict: None,
            });
            tools.format = Some(name);
        }
        Some(_) | None => {}
    }
    tools.is_forced = tool_choice.is_some();
    if is_alone {
        tools.one_call = Some(one_call(tool_choice.as_ref(), model)?);
        tool_choice = None;
    }
    if !specified.is_empty() {
        tools.config = Some(ToolConfig {
            tools: specified
                .into_iter()
                .map(converse::Tool::ToolSpec)
                .collect(),
            tool_choice,
        });
    }
    Ok(tools)
}

fn specify<'a>(
    tool: &'a Tool<'a>,
    at: impl Fn(&str) -> String,
    model: Model<'_>,
) -> Result<ToolSpec<'a>, Refusal> {
    if &*tool.r#type != "function" {
        return Err(Refusal::unsupported(at("type"), "must be function."));
    }
    let Some(function) = &tool.function else {
        return Err(Refusal::invalid(at("function"), "is needed."));
    };
    require_name(&function.name, || at("function.name"))?;
    let input_schema = match function.parameters {
        Some(schema) => object(schema, || at("function.parameters"))?,
        None => any_object(),
    };
    Ok(ToolSpec {
        name: &function.name,
        description: description(function.description.as_deref()),
        input_schema,
        strict: function.strict.filter(|_| model.is_structured()),
    })
}

fn choose<'a>(
    choice: Option<&'a TextOr<'a, ToolChoice<'a>>>,
    tools: &[ToolSpec<'a>],
) -> Result<Choice<'a>, Refusal> {
    let chosen = match choice {
        None => return Ok(Choice::Free),
        Some(TextOr::Text(word)) => match &**word {
            "auto" => return Ok(Choice::Free),
            "none" => return Ok(Choice::Never),
            "required" => Choice::Any,
            _ => {
                let what = "must be auto, none, required or a function.";
                return Err(Refusal::invalid("tool_choice", what));
            }
        },
        Some(TextOr::Other(choice)) => {
            let function = choice.function.as_ref();
            let Some(function) = function.filter(|_| &*choice.r#type == "function") else {
                let what = "must be function, with the function's name.";
                return Err(Refusal::unsupported("tool_choice.type", what));
            };
            if !tools.iter().any(|tool| tool.name == &*function.name) {
                let param = "tool_choice.function.name";
                return Err(Refusal::invalid(param, "is not the name of a tool."));
            }
            Choice::Named(&function.name)
        }
    };
    if tools.is_empty() {
        return Err(Refusal::invalid("tool_choice", "needs tools."));
    }
    Ok(chosen)
}

/// The choice for one call at a time, which Converse has no word for and Claude has.
fn one_call<'a>(
    choice: Option<&converse::ToolChoice<'a>>,
    model: Model<'_>,
) -> Result<OneCall<'a>, Refusal> {
    if !model.calls_one_at_a_time() {
        let what = "must not be false with this model, which cannot be told so.";
        return Err(Refusal::unsupported("parallel_tool_calls", what));
    }
    let (r#type, name) = match choice {
        None => ("auto", None),
        Some(converse::ToolChoice::Any {}) => ("any", None),
        Some(converse::ToolChoice::Tool { name }) => ("tool", Some(*name)),
    };
    Ok(OneCall {
        r#type,
        name,
        disable_parallel_tool_use: true,
    })
}

/// The schema that the answer has to follow.
fn schema<'a>(
    request: &'a Request<'a>,
) -> Result<Option<(&'a JsonSchema<'a>, &'a RawValue)>, Refusal> {
    let Some(format) = &request.response_format else {
        return Ok(None);
    };
    match &*format.r#type {
        "text" => return Ok(None),
        "json_schema" => {}
        "json_object" => {
            let what = "json_object is not supported with Bedrock's models: give a json_schema.";
            return Err(Refusal::unsupported("response_format.type", what));
        }
        _ => {
            let what = "must be text or json_schema.";
            return Err(Refusal::invalid("response_format.type", what));
        }
    }
    let needed = |param: &str| Refusal::invalid(param, "is needed.");
    let format = format.json_schema.as_ref();
    let format = format.ok_or_else(|| needed("response_format.json_schema"))?;
    let param = || "response_format.json_schema.name".to_owned();
    require_name(&format.name, param)?;
    let param = "response_format.json_schema.schema";
    let schema = format.schema.ok_or_else(|| needed(param))?;
    if !is_object(schema) {
        return Err(Refusal::invalid(param, "must be of type object."));
    }
    Ok(Some((format, schema)))
}

/// The schema of a function's arguments, which Bedrock takes of an object alone.
fn object(schema: &RawValue, param: impl Fn() -> String) -> Result<InputSchema<'_>, Refusal> {
    match schema.get() {
        "{}" => Ok(any_object()),
        _ if is_object(schema) => Ok(InputSchema::Json(schema)),
        _ => Err(Refusal::invalid(
            param(),
            "must be a schema of type object.",
        )),
    }
}

fn is_object(schema: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow)]
        r#type: crate::text::Text<'a>,
    }
    schema.get().starts_with('{')
        && serde_json::from_str::<Typed<'_>>(schema.get())
            .is_ok_and(|schema| &*schema.r#type == "object")
}

const fn any_object<'a>() -> InputSchema<'a> {
    InputSchema::Any(Kind { r#type: "object" })
}

fn description(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}
