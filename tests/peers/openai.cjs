// Calls the service with OpenAI's own JavaScript, whose key is OPENAI_API_KEY. Reads {url, retries, call, input} from its
// input, where `call` names a method of the client's like `chat.completions.create` and `input` lists what it is given; writes
// {answer} or {error: {name, status, code, param, asked, told}}: chunks of a stream are a list, and for an error those that
// came before it are told, and how often the service was asked.
const OpenAI = require("openai");
const { readFileSync } = require("node:fs");

const { url, retries, call, input } = JSON.parse(readFileSync(0, "utf8"));
let asked = 0;
const counting = (...request) => { asked += 1; return fetch(...request); };
const client = new OpenAI({ baseURL: url, maxRetries: retries, fetch: counting });
const told = [];

async function answered() {
  const names = call.split(".");
  const method = names.pop();
  const resource = names.reduce((value, name) => value[name], client);
  const answer = await resource[method](...input);
  if (answer.getPaginatedItems) return { data: answer.getPaginatedItems() };
  if (!answer[Symbol.asyncIterator]) return answer;
  for await (const item of answer) told.push(item);
  return told;
}

answered().then(
  (answer) => ({ answer }),
  ({ constructor, status, code, param }) => ({ error: { name: constructor.name, status, code, param, asked, told } }),
).then((result) => console.log(JSON.stringify(result)));
