// Calls Bedrock Runtime with AWS's own JavaScript, whose credential is AWS_BEARER_TOKEN_BEDROCK. Reads {endpoint, region,
// retries, operation, input} from its input, where `retries` lets it ask again as it does by default, and writes {asked, answer}
// or {asked, error: {name, status, message}}: how often it asked, and events and bodies as JSON.
const runtime = require("@aws-sdk/client-bedrock-runtime");
const { readFileSync } = require("node:fs");

const { endpoint, region, retries, operation, input } = JSON.parse(readFileSync(0, "utf8"));
const client = new runtime.BedrockRuntimeClient({ endpoint, region, ...(retries ? {} : { maxAttempts: 1 }) });
let asked = 0;
// The last step is taken with each attempt.
client.middlewareStack.add((next) => (request) => { asked += 1; return next(request); }, { step: "deserialize" });
const parsed = (bytes) => JSON.parse(Buffer.from(bytes).toString());

async function all(stream, read) {
  const events = [];
  for await (const event of stream) events.push(read(event));
  return events;
}

async function call() {
  const told = await client.send(new runtime[`${operation}Command`](input));
  if (told.stream) return all(told.stream, (event) => event);
  if (!told.body) return told;
  if (told.body.transformToString) return parsed(told.body);
  return all(told.body, (event) => parsed(event.chunk.bytes));
}

call().then(
  (answer) => ({ answer }),
  ({ name, message, $metadata }) => ({ error: { name, message, status: $metadata?.httpStatusCode } }),
).then((told) => console.log(JSON.stringify({ asked, ...told })));
