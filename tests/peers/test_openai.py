"""OpenAI's own clients at the service's door for them, `/openai/v1`: a base URL and an API key of the service, and
nothing else, make them believe to talk to OpenAI. Behind it are an AWS that we wrote and one that we did not."""

import json
import subprocess

import openai
import pydantic
import pytest

import doors
import program
import sign_in

HELLO = {"model": "nova", "messages": [{"role": "user", "content": "count to 20"}]}
COUNTED = ", ".join(str(number) for number in range(1, 21))
PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "The weather of a city.", "strict": True,
    "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
        "additionalProperties": False}}}


@pytest.fixture(scope="module")
def sandbox(told):
    models = {
        "nova": "amazon.nova-lite-v1:0", "sonnet": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "titan": "amazon.titan-embed-text-v2:0", "cohere": "cohere.embed-english-v3"}
    with doors.before_sandbox(told, models) as door:
        yield door.at("/openai/v1")


@pytest.fixture(scope="module")
def ministack(told):
    with doors.before_ministack(told, {"nova": told["model_id"]}) as door:
        yield door.at("/openai/v1")


@pytest.fixture(params=["sandbox", "ministack"])
def door(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def harmed(sandbox):
    yield sandbox
    sandbox.harm()


class Python:
    """OpenAI's client for Python."""

    def __init__(self, door, retries=0):
        self.door, self.retries = door, retries

    def call(self, name, *input):
        return self.told(name, input, [], [])

    def refused(self, name, *input):
        """The error's class, status, code and parameter; how often the service was asked; the chunks before."""
        asked, told = [], []
        with pytest.raises(openai.APIError) as raised:
            self.told(name, input, asked, told)
        error = raised.value
        status = getattr(error, "status_code", None)
        return (type(error).__name__, status, error.code, error.param), len(asked), told

    def told(self, name, input, asked, told):
        http = openai.DefaultHttpxClient(event_hooks={"request": [asked.append]})
        with openai.OpenAI(
                base_url=self.door.url, api_key=self.door.key, max_retries=self.retries, http_client=http) as client:
            method = client
            for part in name.split("."):
                method = getattr(method, part)
            answer = method(**input[0]) if input and isinstance(input[0], dict) else method(*input)
            if not isinstance(answer, openai.Stream):
                return answer.to_dict()
            for chunk in answer:
                told.append(chunk.to_dict())
            return told


class JavaScript:
    """OpenAI's client for JavaScript."""

    def __init__(self, door, retries=0):
        self.door, self.retries = door, retries

    def call(self, name, *input):
        return self.told(name, input)["answer"]

    def refused(self, name, *input):
        error = self.told(name, input)["error"]
        described = tuple(error.get(member) for member in ["name", "status", "code", "param"])
        return described, error["asked"], error["told"]

    def told(self, name, input):
        asked = {"url": self.door.url, "retries": self.retries, "call": name, "input": input}
        run = subprocess.run(
            ["node", "tests/peers/openai.cjs"], input=json.dumps(asked), capture_output=True, text=True, check=True,
            env={**program.INHERITED, "NODE_PATH": sign_in.MODULES, "OPENAI_API_KEY": self.door.key})
        return json.loads(run.stdout)


CLIENTS = pytest.mark.parametrize("client", [Python, JavaScript])
CHAT = "chat.completions.create"


def said(chunks):
    return "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"])


@CLIENTS
def test_models_are_listed_and_read(door, client):
    listed = client(door).call("models.list")["data"]
    assert listed[0]["id"] == "nova" and listed[0]["object"] == "model"
    assert client(door).call("models.retrieve", "nova") == listed[0]


@CLIENTS
def test_a_stream_says_what_a_whole_completion_says(door, client):
    whole = client(door).call(CHAT, HELLO)
    content = whole["choices"][0]["message"]["content"]
    assert whole["choices"][0]["finish_reason"] == "stop" and whole["usage"]["completion_tokens"] > 0
    chunks = client(door).call(CHAT, {**HELLO, "stream": True, "stream_options": {"include_usage": True}})
    assert said(chunks) == content
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert (chunks[-1]["choices"], chunks[-1]["usage"]) == ([], whole["usage"])


@CLIENTS
def test_results_of_parallel_calls_go_back_together(door, client):
    weather = lambda city: {"name": "get_weather", "arguments": json.dumps({"city": city})}
    calls = [{"id": id, "type": "function", "function": weather(city)}
             for id, city in [("call_1", "Paris"), ("call_2", "Rome")]]
    messages = [
        {"role": "user", "content": "What is the weather in Paris and Rome?"},
        {"role": "assistant", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
        {"role": "tool", "tool_call_id": "call_2", "content": "18 degrees"}]
    answer = client(door).call(CHAT, {"model": "nova", "messages": messages, "tools": [WEATHER]})
    assert answer["choices"][0]["finish_reason"] == "stop" and answer["choices"][0]["message"]["content"]


@CLIENTS
@pytest.mark.parametrize("parameters, param, code", [
    ({"n": 2}, "n", "unsupported_parameter"),
    ({"messages": [{"role": "user", "content": ""}]}, "messages[0].content", "invalid_value"),
])
def test_what_cannot_be_carried_over_is_refused_by_name_and_not_repeated(door, client, parameters, param, code):
    refused, asked, _ = client(door, retries=2).refused(CHAT, {**HELLO, **parameters})
    assert (refused, asked) == (("BadRequestError", 400, code, param), 1)


@CLIENTS
def test_nobody_and_nothing_are_refused_and_not_repeated(door, client):
    unknown = client(door, retries=2).refused(CHAT, {**HELLO, "model": "gpt-5"})
    assert unknown[:2] == (("NotFoundError", 404, "model_not_found", None), 1)
    elsewhere = client(door, retries=2).refused("responses.create", {"model": "nova", "input": "Hello"})
    assert elsewhere[:2] == (("NotFoundError", 404, "not_found", None), 1)
    nobody = client(door.with_key("bi_" + "x" * 40), retries=2).refused("models.list")
    assert nobody[:2] == (("AuthenticationError", 401, "invalid_api_key", None), 1)


@CLIENTS
@pytest.mark.parametrize("stream", [False, True])
def test_what_the_account_lacks_is_not_repeated_and_what_passes_is(harmed, client, stream):
    harmed.harm({"error": {
        "code": "AccessDeniedException", "status": 403,
        "message": "Authentication failed: Please make sure your API Key is valid."}})
    refused, asked, _ = client(harmed, retries=2).refused(CHAT, {**HELLO, "stream": stream})
    assert (refused, asked) == (("PermissionDeniedError", 403, "connection_unusable", None), 1)
    harmed.harm({"error": {"code": "ThrottlingException", "status": 429, "message": "Too many requests."}})
    refused, asked, _ = client(harmed, retries=1).refused(CHAT, {**HELLO, "stream": stream})
    assert (refused, asked) == (("RateLimitError", 429, "rate_limit_exceeded", None), 2)


@CLIENTS
@pytest.mark.parametrize("stream", [False, True])
def test_what_an_aws_of_others_does_not_permit_is_not_repeated(told, ministack, client, stream):
    with doors.forbidden(told):
        refused, asked, _ = client(ministack, retries=2).refused(CHAT, {**HELLO, "stream": stream})
    assert (refused, asked) == (("PermissionDeniedError", 403, "model_unusable", None), 1)


@CLIENTS
def test_a_document_of_30_mb_is_refused_clearly_and_sent_once(sandbox, client):
    document = {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{doors.base64_of(30)}"}}
    asked = {"model": "nova", "messages": [{"role": "user", "content": [document]}]}
    (_, status, code, _), times, _ = client(sandbox, retries=2).refused(CHAT, asked)
    assert (status, code, times) == (413, "body_too_large", 1)


@CLIENTS
@pytest.mark.parametrize("harm", [
    {"event_frames": [{"at": 3, "cut": 0.5}]},
    {"event_error": {"code": "ModelStreamErrorException", "message": "By microburst.", "after_frames": 3}},
])
def test_a_stream_that_breaks_in_the_middle_raises(harmed, client, harm):
    harmed.harm({"response": harm})
    (name, status, code, _), asked, told = client(harmed).refused(CHAT, {**HELLO, "stream": True})
    assert (name, status, code, asked) == ("APIError", None, "aws_unavailable", 1)
    assert told and told[0]["choices"][0]["delta"]["role"] == "assistant"


@CLIENTS
def test_the_sandbox_answers_in_words_images_tools_thoughts_and_vectors(sandbox, client):
    ask = lambda **parameters: client(sandbox).call(CHAT, {**HELLO, **parameters})
    assert ask()["choices"][0]["message"]["content"] == COUNTED
    assert ask(max_completion_tokens=3)["choices"][0]["finish_reason"] == "length"
    image = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
    shown = ask(messages=[{"role": "user", "content": image}])
    assert "You sent one image." in shown["choices"][0]["message"]["content"]

    question = [{"role": "user", "content": "What is the weather in Paris?"}]
    called = ask(messages=question, tools=[WEATHER], tool_choice="required")["choices"][0]
    [call] = called["message"]["tool_calls"]
    assert (called["finish_reason"], json.loads(call["function"]["arguments"])) == ("tool_calls", {"city": "Paris"})
    result = {"role": "tool", "tool_call_id": call["id"], "content": "sunny"}
    # What the client was told goes back as it is.
    told = ask(messages=[*question, called["message"], result], tools=[WEATHER])
    assert told["choices"][0]["message"]["content"] == "The tool says: sunny"

    clock = {"type": "function", "function": {"name": "get_time"}}
    question = [{"role": "user", "content": "What are the weather and the time in Paris?"}]
    both = {"messages": question, "tools": [WEATHER, clock]}
    calls = ask(**both)["choices"][0]["message"]["tool_calls"]
    assert [call["function"]["name"] for call in calls] == ["get_weather", "get_time"]
    pieces = [call for chunk in ask(**both, stream=True) for call in chunk["choices"][0]["delta"].get("tool_calls", [])]
    for index, call in enumerate(calls):
        own = [piece for piece in pieces if piece["index"] == index]
        assert (own[0]["id"], own[0]["function"]["name"]) == (call["id"], call["function"]["name"])
        assert "".join(piece["function"]["arguments"] for piece in own) == call["function"]["arguments"]

    thought = ask(model="sonnet", reasoning_effort="low", messages=[{"role": "user", "content": "say yes"}])
    assert thought["choices"][0]["message"]["content"] == "yes"
    assert thought["choices"][0]["message"]["reasoning_content"]

    for model, size in [("titan", 1024), ("cohere", 1024)]:
        vectors = client(sandbox).call("embeddings.create", {"model": model, "input": ["a", "b"]})["data"]
        assert [len(vector["embedding"]) for vector in vectors] == [size, size]


@CLIENTS
def test_an_answer_follows_a_schema(sandbox, client):
    schema = {
        "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"],
        "additionalProperties": False}
    wanted = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": schema}}
    # By a tool, and by Bedrock's own means.
    for model in ["nova", "sonnet"]:
        asked = {"model": model, "messages": [{"role": "user", "content": "I live in Paris"}], "response_format": wanted}
        whole = client(sandbox).call(CHAT, asked)["choices"][0]
        assert (whole["finish_reason"], json.loads(whole["message"]["content"])) == ("stop", {"name": "Paris"})
        assert json.loads(said(client(sandbox).call(CHAT, {**asked, "stream": True}))) == {"name": "Paris"}


def test_the_client_for_python_makes_objects_of_it(sandbox):
    class City(pydantic.BaseModel):
        name: str

    with openai.OpenAI(base_url=sandbox.url, api_key=sandbox.key) as client:
        messages = [{"role": "user", "content": "I live in Paris"}]
        parsed = client.chat.completions.parse(model="nova", messages=messages, response_format=City)
    assert parsed.choices[0].message.parsed == City(name="Paris")
