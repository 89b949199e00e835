"""Anthropic's own clients at the service's door for them, `/anthropic`: a base URL and an API key of the service, and nothing
else, make them believe to talk to Anthropic. Behind it are an AWS that we wrote and one that we did not."""

import json
import subprocess

import anthropic
import pytest

import doors
import program
import sign_in

HELLO = {"model": "claude", "max_tokens": 99, "messages": [{"role": "user", "content": "count to 20"}]}
COUNTED = ", ".join(str(number) for number in range(1, 21))
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WEATHER = {
    "name": "get_weather", "description": "The weather of a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}


@pytest.fixture(scope="module")
def sandbox(told):
    models = {
        "nova": "amazon.nova-lite-v1:0", "haiku": "us.anthropic.claude-3-5-haiku-20241022-v1:0",
        "claude": "us.anthropic.claude-sonnet-4-5-20250929-v1:0"}
    with doors.before_sandbox(told, models) as door:
        yield door.at("/anthropic")


@pytest.fixture(scope="module")
def ministack(told):
    with doors.before_ministack(told, {"claude": "anthropic.claude-3-haiku-20240307-v1:0"}) as door:
        yield door.at("/anthropic")


@pytest.fixture(params=["sandbox", "ministack"])
def door(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def harmed(sandbox):
    yield sandbox
    sandbox.harm()


class Python:
    """Anthropic's client for Python."""

    def __init__(self, door, retries=0):
        self.door, self.retries = door, retries

    def call(self, name, *input):
        return self.told(name, input, [], [])

    def refused(self, name, *input):
        """The error's status and type, and its words; how often the service was asked; the events before."""
        asked, told = [], []
        with pytest.raises(anthropic.APIStatusError) as raised:
            self.told(name, input, asked, told)
        error = raised.value
        return (error.status_code, error.body["error"]["type"]), str(error), len(asked), told

    def told(self, name, input, asked, told):
        http = anthropic.DefaultHttpxClient(event_hooks={"request": [asked.append]})
        with anthropic.Anthropic(
                base_url=self.door.url, api_key=self.door.key, max_retries=self.retries, http_client=http) as client:
            method = client
            for part in name.split("."):
                method = getattr(method, part)
            answer = method(**input[0]) if input and isinstance(input[0], dict) else method(*input)
            if not isinstance(answer, anthropic.Stream):
                return answer.to_dict()
            for event in answer:
                told.append(event.to_dict())
            return told


class JavaScript:
    """Anthropic's client for JavaScript."""

    def __init__(self, door, retries=0):
        self.door, self.retries = door, retries

    def call(self, name, *input):
        return self.told(name, input)["answer"]

    def refused(self, name, *input):
        error = self.told(name, input)["error"]
        return (error.get("status"), error.get("type")), error["message"], error["asked"], error["told"]

    def told(self, name, input):
        asked = {"url": self.door.url, "retries": self.retries, "call": name, "input": input}
        run = subprocess.run(
            ["node", "tests/peers/anthropic.cjs"], input=json.dumps(asked), capture_output=True, text=True, check=True,
            env={**program.INHERITED, "NODE_PATH": sign_in.MODULES, "ANTHROPIC_API_KEY": self.door.key})
        return json.loads(run.stdout)


CLIENTS = pytest.mark.parametrize("client", [Python, JavaScript])
CREATE = "messages.create"


def said(events):
    return "".join(event["delta"].get("text", "") for event in events if event["type"] == "content_block_delta")


def texts(message):
    return "".join(block["text"] for block in message["content"] if block["type"] == "text")


@CLIENTS
def test_models_are_listed_and_read(door, client):
    listed = client(door).call("models.list")["data"]
    assert listed[0]["id"] == "claude" and "nova" not in [model["id"] for model in listed]
    assert client(door).call("models.retrieve", "claude") == listed[0]


@CLIENTS
def test_a_stream_says_what_a_whole_message_says(door, client):
    whole = client(door).call(CREATE, HELLO)
    assert whole["stop_reason"] == "end_turn" and whole["usage"]["output_tokens"] > 0
    events = client(door).call(CREATE, {**HELLO, "stream": True})
    assert said(events) == texts(whole) != ""
    assert [event["type"] for event in events][-2:] == ["message_delta", "message_stop"]
    assert events[-2]["usage"]["output_tokens"] == whole["usage"]["output_tokens"]


@CLIENTS
def test_results_of_tools_go_back(door, client):
    call = {"type": "tool_use", "id": "call_1", "name": "get_weather", "input": {"city": "Paris"}}
    result = {"type": "tool_result", "tool_use_id": "call_1", "content": "sunny"}
    messages = [
        {"role": "user", "content": "What is the weather in Paris?"},
        {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    asked = {**HELLO, "messages": messages, "tools": [WEATHER]}
    whole = client(door).call(CREATE, asked)
    assert whole["stop_reason"] == "end_turn" and texts(whole)
    assert said(client(door).call(CREATE, {**asked, "stream": True})) == texts(whole)


@CLIENTS
@pytest.mark.parametrize("parameters, words", [
    ({"model": None}, "model: Input should be a valid string"),
    ({"inference_geo": "eu"}, "inference_geo: is not available here"),
])
def test_what_cannot_be_carried_over_is_refused_by_name_and_not_repeated(door, client, parameters, words):
    refused, told, asked, _ = client(door, retries=2).refused(CREATE, {**HELLO, **parameters})
    assert (refused, asked) == ((400, "invalid_request_error"), 1)
    assert words in told


@CLIENTS
def test_nobody_and_nothing_are_refused_and_not_repeated(door, client):
    unknown = client(door, retries=2).refused(CREATE, {**HELLO, "model": "claude-opus-9"})
    assert (unknown[0], unknown[2]) == ((404, "not_found_error"), 1)
    stranger = door.with_key("bi_" + "x" * 40)
    nobody = client(stranger, retries=2).refused("models.list")
    assert (nobody[0], nobody[2]) == ((401, "authentication_error"), 1)


@CLIENTS
@pytest.mark.parametrize("stream", [False, True])
def test_what_the_account_lacks_is_not_repeated_and_what_passes_is(harmed, client, stream):
    harmed.harm({"error": {
        "code": "AccessDeniedException", "status": 403,
        "message": "Authentication failed: Please make sure your API Key is valid."}})
    refused, _, asked, _ = client(harmed, retries=2).refused(CREATE, {**HELLO, "stream": stream})
    assert (refused, asked) == ((403, "permission_error"), 1)
    harmed.harm({"error": {"code": "ThrottlingException", "status": 429, "message": "Too many requests."}})
    refused, _, asked, _ = client(harmed, retries=1).refused(CREATE, {**HELLO, "stream": stream})
    assert (refused, asked) == ((429, "rate_limit_error"), 2)


@CLIENTS
@pytest.mark.parametrize("stream", [False, True])
def test_what_an_aws_of_others_does_not_permit_is_not_repeated(told, ministack, client, stream):
    with doors.forbidden(told):
        refused, _, asked, _ = client(ministack, retries=2).refused(CREATE, {**HELLO, "stream": stream})
    assert (refused, asked) == ((403, "permission_error"), 1)


@CLIENTS
def test_a_document_of_30_mb_is_refused_clearly_and_sent_once(sandbox, client):
    source = {"type": "base64", "media_type": "application/pdf", "data": doors.base64_of(30)}
    asked = {**HELLO, "messages": [{"role": "user", "content": [{"type": "document", "source": source}]}]}
    refused, _, times, _ = client(sandbox, retries=2).refused(CREATE, asked)
    assert (refused, times) == ((413, "request_too_large"), 1)


@CLIENTS
@pytest.mark.parametrize("harm", [
    {"event_frames": [{"at": 3, "cut": 0.5}]},
    {"event_error": {"code": "modelStreamErrorException", "message": "By microburst.", "after_frames": 3}},
])
def test_a_stream_that_breaks_in_the_middle_raises(harmed, client, harm):
    harmed.harm({"response": harm})
    (_, kind), _, asked, told = client(harmed).refused(CREATE, {**HELLO, "stream": True})
    assert (kind, asked) == ("overloaded_error", 1)
    assert told[0]["type"] == "message_start" and told[-1]["type"] != "message_stop"


@CLIENTS
def test_tokens_are_counted_where_aws_counts_and_refused_where_it_does_not(sandbox, ministack, client):
    asked = {"model": "claude", "messages": HELLO["messages"]}
    name = "messages.countTokens" if client is JavaScript else "messages.count_tokens"
    counted = client(sandbox).call(name, asked)
    assert counted["input_tokens"] == client(sandbox).call(CREATE, HELLO)["usage"]["input_tokens"]
    refused, _, times, _ = client(ministack, retries=2).refused(name, asked)
    assert (refused, times) == ((400, "invalid_request_error"), 1)


@CLIENTS
def test_tools_thoughts_images_documents_and_caches_go_through(sandbox, client):
    ask = lambda **parameters: client(sandbox).call(CREATE, {**HELLO, **parameters})
    assert texts(ask()) == COUNTED
    assert ask(max_tokens=3)["stop_reason"] == "max_tokens"

    question = [{"role": "user", "content": "What is the weather in Paris?"}]
    thinking = {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 2000}, "tools": [WEATHER]}
    called = ask(messages=question, **thinking)
    thought, call = called["content"][0], called["content"][-1]
    assert called["stop_reason"] == "tool_use" and thought["type"] == "thinking" and thought["signature"]
    assert call["input"] == {"city": "Paris"}
    # What the client was told goes back as it is.
    result = {"type": "tool_result", "tool_use_id": call["id"], "content": "sunny"}
    answer = ask(messages=[
        *question, {"role": "assistant", "content": called["content"]}, {"role": "user", "content": [result]}], **thinking)
    assert texts(answer) == "The tool says: sunny"
    events = ask(messages=question, stream=True, **thinking)
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert {"thinking_delta", "signature_delta", "input_json_delta"} == {delta["type"] for delta in deltas}
    assert json.loads("".join(delta.get("partial_json", "") for delta in deltas)) == {"city": "Paris"}

    attached = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjcK"},
         "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "What is this?"}]
    attached = [{"role": "user", "content": attached}]
    assert "image" in texts(ask(messages=attached)) and "document" in texts(ask(messages=attached))
    assert ask(messages=attached)["usage"]["cache_read_input_tokens"] > 0


@CLIENTS
def test_betas_go_through(door, client):
    asked = {**HELLO, "betas": ["interleaved-thinking-2025-05-14", "mcp-client-2025-11-20"]}
    assert client(door).call("beta.messages.create", asked)["type"] == "message"


@CLIENTS
def test_betas_that_bedrock_lacks_are_refused_and_those_of_the_clients_own_are_left_out(sandbox, client):
    refused, told, asked, _ = client(sandbox, retries=2).refused(
        "beta.messages.create", {**HELLO, "betas": ["mind-reading-2031-01-01"]})
    assert (refused, asked) == ((400, "invalid_request_error"), 1)
    assert "invalid beta flag" in told and "mind-reading-2031-01-01" in told
    # These clients name a beta by themselves.
    name = "beta.messages.countTokens" if client is JavaScript else "beta.messages.count_tokens"
    assert client(sandbox).call(name, {"model": "claude", "messages": HELLO["messages"]})["input_tokens"] > 0


def test_the_client_for_python_streams_a_message_and_uses_it_up(sandbox):
    with anthropic.Anthropic(base_url=sandbox.url, api_key=sandbox.key) as client:
        with client.messages.stream(**HELLO) as stream:
            assert "".join(stream.text_stream) == COUNTED
            assert stream.get_final_message().usage.output_tokens > 0


def test_a_bearer_does_as_well_as_an_api_key(sandbox):
    with anthropic.Anthropic(base_url=sandbox.url, api_key=None, auth_token=sandbox.key) as client:
        assert client.messages.create(**HELLO).type == "message"
