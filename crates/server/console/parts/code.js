// How a program calls a registered model, by each door of the service.

/** @import { Schema } from "client" */

import { messages } from "../messages.js";
import { copyBlock } from "./copy.js";
import { tell } from "./dialog.js";
import { h } from "../dom.js";
import { tabs } from "./tabs.js";

const words = messages.code;

/** @param {Schema<"Model">} model */
export function showCode(model) {
  const views = [
    { title: "curl", text: curl(model) },
    { title: "AWS SDK", text: awsSdk(model) },
    { title: "OpenAI SDK", text: openAiSdk(model) },
    ...(model.provider === "Anthropic" ? [{ title: "Anthropic SDK", text: anthropicSdk(model) }] : []),
  ];
  tell({
    title: words.title(model.alias),
    body: [h("p", {}, words.text), tabs(words.doors, views.map(({ title, text }) => ({ title, content: copyBlock({ title, text }) })))],
  });
}

/** Where the service is, as this page reached it. */
const base = () => new URL(".", location.href).href.replace(/\/$/, "");

/** @param {Schema<"Model">} model */
const curl = ({ alias }) => `curl ${base()}/v1/models/${alias}/converse \\
  -H "authorization: Bearer $API_KEY" \\
  -H "content-type: application/json" \\
  -d '{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}'
`;

/** @param {Schema<"Model">} model */
const awsSdk = ({ alias, region }) => `import boto3, os

os.environ["AWS_BEARER_TOKEN_BEDROCK"] = os.environ["API_KEY"]
bedrock = boto3.client("bedrock-runtime", region_name="${region}", endpoint_url="${base()}/bedrock")
answer = bedrock.converse(modelId="${alias}", messages=[{"role": "user", "content": [{"text": "Hello"}]}])
print(answer["output"]["message"]["content"][0]["text"])
`;

/** @param {Schema<"Model">} model */
const openAiSdk = ({ alias }) => `import openai, os

client = openai.OpenAI(base_url="${base()}/openai/v1", api_key=os.environ["API_KEY"])
answer = client.chat.completions.create(model="${alias}", messages=[{"role": "user", "content": "Hello"}])
print(answer.choices[0].message.content)
`;

/** @param {Schema<"Model">} model */
const anthropicSdk = ({ alias }) => `import anthropic, os

client = anthropic.Anthropic(base_url="${base()}/anthropic", api_key=os.environ["API_KEY"])
message = client.messages.create(model="${alias}", max_tokens=1024, messages=[{"role": "user", "content": "Hello"}])
print(message.content[0].text)
`;
