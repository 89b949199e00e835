//! Whole answers of Converse.

use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, Message, StopReason, Tool, ToolConfiguration, ToolInputSchema,
    ToolResultBlock, ToolResultContentBlock, ToolSpecification,
};
use aws_smithy_types::{Document, Number};
use serde_json::json;

use crate::stage::{LITE, SONNET_PROFILE, Stage, asked, said, weather};

#[tokio::test]
async fn the_sdk_is_answered() {
    let stage = Stage::new().await;
    let answer = stage
        .client()
        .converse()
        .model_id(LITE)
        .messages(said("Say good morning"))
        .send()
        .await
        .ok()
        .unwrap();
    let message = answer.output().unwrap().as_message().unwrap();
    assert_eq!(message.content()[0].as_text().unwrap(), "good morning");
    assert_eq!(*answer.stop_reason(), StopReason::EndTurn);
    let usage = answer.usage().unwrap();
    assert_eq!((usage.input_tokens(), usage.output_tokens()), (4, 3));
    assert_eq!(usage.total_tokens(), 7);
    assert!(answer.metrics().unwrap().latency_ms() > 0);
}

#[tokio::test]
async fn an_answer_ends_where_its_tokens_end() {
    let stage = Stage::new().await;
    let mut body = asked("count to 100");
    body["inferenceConfig"] = json!({ "maxTokens": 1 });
    let answer = stage.converse(LITE, &body).await;
    assert_eq!(answer["stopReason"], "max_tokens");
    assert_eq!(answer["usage"]["outputTokens"], 1);
    assert_eq!(answer["output"]["message"]["content"][0]["text"], "1,");
}

#[tokio::test]
async fn the_system_prompt_is_read() {
    let stage = Stage::new().await;
    let mut body = asked("Hello");
    body["system"] = json!([{ "text": "Be brief." }]);
    let answer = stage.converse(LITE, &body).await;
    let text = answer["output"]["message"]["content"][0]["text"].as_str();
    assert_eq!(
        text,
        Some("This is Nova Lite. You said: Hello My instructions are: Be brief.")
    );
}

#[tokio::test]
async fn a_tool_is_called_and_its_result_is_told() {
    let stage = Stage::new().await;
    let client = stage.client();
    let schema = Document::Object(
        [
            ("type".to_owned(), Document::from("object")),
            (
                "properties".to_owned(),
                Document::Object(
                    [(
                        "days".to_owned(),
                        Document::Object([("type".to_owned(), Document::from("integer"))].into()),
                    )]
                    .into(),
                ),
            ),
        ]
        .into(),
    );
    let tool = ToolSpecification::builder()
        .name("get_weather")
        .input_schema(ToolInputSchema::Json(schema))
        .build()
        .unwrap();
    let config = ToolConfiguration::builder()
        .tools(Tool::ToolSpec(tool))
        .build()
        .unwrap();
    let question = said("What is the weather over 3 days?");
    let ask = || {
        client
            .converse()
            .model_id(SONNET_PROFILE)
            .tool_config(config.clone())
    };
    let answer = ask().messages(question.clone()).send().await.ok().unwrap();
    assert_eq!(*answer.stop_reason(), StopReason::ToolUse);
    let call = answer.output().unwrap().as_message().unwrap();
    let used = call.content()[0].as_tool_use().unwrap();
    assert_eq!(used.name(), "get_weather");
    let input = used.input().as_object().unwrap();
    assert_eq!(input["days"], Document::Number(Number::PosInt(3)));

    let result = ToolResultBlock::builder()
        .tool_use_id(used.tool_use_id())
        .content(ToolResultContentBlock::Text("sunny".to_owned()))
        .build()
        .unwrap();
    let told = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::ToolResult(result))
        .build()
        .unwrap();
    let answer = ask()
        .set_messages(Some(vec![question, call.clone(), told]))
        .send()
        .await
        .ok()
        .unwrap();
    let message = answer.output().unwrap().as_message().unwrap();
    assert_eq!(
        message.content()[0].as_text().unwrap(),
        "The tool says: sunny"
    );
}

#[tokio::test]
async fn a_tool_that_has_to_be_called_is_called_whatever_the_question() {
    let stage = Stage::new().await;
    let mut body = asked("Who are you?");
    body["toolConfig"] = weather();
    assert_eq!(stage.converse(LITE, &body).await["stopReason"], "end_turn");
    body["toolConfig"]["toolChoice"] = json!({ "any": {} });
    assert_eq!(stage.converse(LITE, &body).await["stopReason"], "tool_use");
}

#[tokio::test]
async fn a_model_that_is_asked_to_thinks_first() {
    let stage = Stage::new().await;
    let mut body = asked("Say yes");
    body["inferenceConfig"] = json!({ "maxTokens": 2_000 });
    body["additionalModelRequestFields"] =
        json!({ "thinking": { "type": "enabled", "budget_tokens": 1_024 } });
    let answer = stage.converse(SONNET_PROFILE, &body).await;
    let content = &answer["output"]["message"]["content"];
    let thought = &content[0]["reasoningContent"]["reasoningText"];
    assert!(thought["text"].as_str().unwrap().contains("Say yes"));
    assert!(!thought["signature"].as_str().unwrap().is_empty());
    assert_eq!(content[1]["text"], "yes");
}

#[tokio::test]
async fn a_prompt_that_was_kept_is_read_from_there_for_five_minutes() {
    let stage = Stage::new().await;
    let mut body = asked("Say yes");
    body["system"] =
        json!([{ "text": "word ".repeat(2_000) }, { "cachePoint": { "type": "default" } }]);
    let mut counts = Vec::new();
    for minutes in [0, 4, 4, 6] {
        stage.clock.advance(time::Duration::minutes(minutes));
        let usage = &stage.converse(SONNET_PROFILE, &body).await["usage"];
        assert!(usage["inputTokens"].as_u64().unwrap() < 10);
        let is_some = |name: &str| usage[name].as_u64().unwrap() > 1_024;
        counts.push((
            is_some("cacheWriteInputTokens"),
            is_some("cacheReadInputTokens"),
        ));
    }
    let (written, read) = ((true, false), (false, true));
    assert_eq!(counts, [written, read, read, written]);
}

#[tokio::test]
async fn fields_of_the_model_s_own_answer_come_along_if_they_are_asked_for() {
    let stage = Stage::new().await;
    let mut body = asked("count to 10");
    body["inferenceConfig"] = json!({ "stopSequences": ["4"] });
    body["additionalModelResponseFieldPaths"] = json!(["/stop_sequence", "/nothing"]);
    let answer = stage.converse(SONNET_PROFILE, &body).await;
    assert_eq!(answer["stopReason"], "stop_sequence");
    assert_eq!(
        answer["additionalModelResponseFields"],
        json!({ "stop_sequence": "4" })
    );
}

#[tokio::test]
async fn tokens_are_counted_for_claude_by_its_bare_id() {
    let stage = Stage::new().await;
    let body = json!({ "input": { "converse": asked("one two three") } });
    let raw = stage
        .post(crate::stage::SONNET, "count-tokens", &body)
        .await;
    assert_eq!(raw.value(), json!({ "inputTokens": 3 }));
    let raw = stage.post(LITE, "count-tokens", &body).await;
    assert_eq!(
        raw.no().message,
        "The provided model doesn't support counting tokens."
    );
}

#[tokio::test]
async fn nothing_was_invoked_asynchronously() {
    let stage = Stage::new().await;
    let answer = stage.client().list_async_invokes().send().await;
    assert_eq!(answer.ok().unwrap().async_invoke_summaries().len(), 0);
}
