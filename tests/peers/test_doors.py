"""AWS's own SDKs at the service's door for them, `/bedrock`: an endpoint URL and an API key of the service as the bearer
token, and nothing else, make them believe to talk to Bedrock Runtime. Behind it are an AWS that we wrote and one that we did
not."""

import json
import subprocess

import boto3
import botocore.config
import botocore.exceptions
import pytest

import aws
import doors
import program
import serving
import sign_in
import tls_front

REGION = "us-east-1"
COUNT = {"modelId": "nova", "messages": [{"role": "user", "content": [{"text": "count to 20"}]}]}
#: The same in Claude's own language.
CLAUDE = {"modelId": "claude", "body": json.dumps({
    "anthropic_version": "bedrock-2023-05-31", "max_tokens": 99,
    "messages": [{"role": "user", "content": "count to 20"}]})}
COUNTED = ", ".join(str(number) for number in range(1, 21))
#: What each of them asks for.
OPERATIONS = {
    "converse": COUNT, "converse_stream": COUNT, "invoke_model": CLAUDE, "invoke_model_with_response_stream": CLAUDE}


def error(status, code):
    return {"error": {"code": code, "status": status, "message": "By microburst."}}


THROTTLED = error(429, "ThrottlingException")
BUSY = error(503, "ServiceUnavailableException")
RESET = {"reset": True}


@pytest.fixture(scope="module")
def demo():
    with program.service("demo", BI_LISTEN="127.0.0.1:0", BI_OPS_LISTEN="127.0.0.1:0") as demo:
        with tls_front.before(demo["url"]) as front:
            yield doors.Door(demo["url"], demo["api_key"]), front


@pytest.fixture(scope="module")
def ministack(told):
    models = {"nova": told["model_id"], "claude": "anthropic.claude-3-haiku-20240307-v1:0"}
    with doors.before_ministack(told, models) as door, tls_front.before(door.url) as front:
        yield door, front


@pytest.fixture(scope="module")
def faulty_ministack(told):
    models = {"nova": told["model_id"]}
    with doors.before_ministack(told, models, told["faults_url"]) as door, tls_front.before(door.url) as front:
        yield door, front


@pytest.fixture(params=["demo", "ministack"])
def door(request):
    """The service, and a way to it by TLS."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def sandbox(told):
    """The service before a sandbox that can be harmed, and a way to it by TLS."""
    models = {"nova": "amazon.nova-lite-v1:0", "claude": "us.anthropic.claude-sonnet-4-5-20250929-v1:0"}
    with doors.before_sandbox(told, models) as door, tls_front.before(door.url) as front:
        yield door, front


@pytest.fixture
def harmed(sandbox):
    door, front = sandbox
    yield door.another(), front
    door.harm()


@pytest.fixture(params=["sandbox", "faulty_ministack"])
def silenced(request):
    """The same before either AWS, for harm that leaves no answer to any request."""
    door, front = request.getfixturevalue(request.param)
    yield door.another(), front
    door.harm()


class Boto3:
    """AWS's SDK for Python."""

    #: What it says of an answer that ends before its end.
    CUT = "ended prematurely"

    def __init__(self, door, front, retries=False):
        url, self.certificate = front
        self.endpoint, self.key = f"{url}/bedrock", door.key
        self.config = aws.CONFIG.merge(botocore.config.Config(retries={"mode": "standard"})) if retries else aws.CONFIG
        #: How often the service was asked by the last call.
        self.asked = 0

    def count(self, **_):
        self.asked += 1

    def call(self, operation, **parameters):
        self.asked = 0
        with pytest.MonkeyPatch.context() as patch:
            # Where the token comes from is settled by and by: when the client is made, and when it signs.
            patch.setenv("AWS_BEARER_TOKEN_BEDROCK", self.key)
            client = boto3.Session().client(
                "bedrock-runtime", endpoint_url=self.endpoint, region_name=REGION, config=self.config,
                verify=self.certificate)
            client.meta.events.register("before-send.*", self.count)
            strays = aws.strays(client)
            told = getattr(client, operation)(**parameters)
        assert strays == []
        return self.read(told)

    @staticmethod
    def read(told):
        if "stream" in told:
            return list(told["stream"])
        if "body" not in told:
            return told
        if hasattr(told["body"], "read"):
            return json.load(told["body"])
        return [json.loads(event["chunk"]["bytes"]) for event in told["body"]]

    def broken(self, operation, **parameters):
        """Why a stream did not come to its end."""
        with pytest.raises(Exception) as raised:
            self.call(operation, **parameters)
        return type(raised.value).__name__, str(raised.value)

    def refused(self, operation, **parameters):
        """Status and code."""
        with pytest.raises(botocore.exceptions.ClientError) as raised:
            self.call(operation, **parameters)
        answer = raised.value.response
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


class JavaScript:
    """AWS's SDK for JavaScript."""

    CUT = "Stream closed"

    def __init__(self, door, front, retries=False):
        url, certificate = front
        self.endpoint, self.retries, self.asked = f"{url}/bedrock", retries, 0
        self.environment = {
            **program.INHERITED, "NODE_PATH": sign_in.MODULES, "NODE_EXTRA_CA_CERTS": certificate,
            "AWS_BEARER_TOKEN_BEDROCK": door.key,
        }

    def told(self, operation, parameters):
        operation = "".join(word.capitalize() for word in operation.split("_"))
        asked = {
            "endpoint": self.endpoint, "region": REGION, "retries": self.retries, "operation": operation,
            "input": parameters}
        run = subprocess.run(
            ["node", "tests/peers/bedrock.cjs"], env=self.environment, input=json.dumps(asked), capture_output=True,
            text=True, check=True)
        told = json.loads(run.stdout)
        self.asked = told["asked"]
        return told

    def call(self, operation, **parameters):
        return self.told(operation, parameters)["answer"]

    def broken(self, operation, **parameters):
        error = self.told(operation, parameters)["error"]
        return error["name"], error["message"]

    def refused(self, operation, **parameters):
        error = self.told(operation, parameters)["error"]
        return error["status"], error["name"]


SDKS = pytest.mark.parametrize("sdk", [Boto3, JavaScript])


def said(answer):
    """The text of an answer, whichever operation's it is."""
    if isinstance(answer, list):
        return "".join(pieces(answer))
    message = answer["output"]["message"] if "output" in answer else answer
    return "".join(block["text"] for block in message["content"])


def pieces(events):
    deltas = [event.get("contentBlockDelta", event).get("delta", {}) for event in events]
    return [delta["text"] for delta in deltas if "text" in delta]


@SDKS
def test_converse_answers(door, sdk):
    answer = sdk(*door).call("converse", **COUNT)
    assert answer["output"]["message"]["role"] == "assistant" and said(answer)
    assert answer["stopReason"] == "end_turn" and answer["usage"]["outputTokens"] > 0


@SDKS
def test_converse_stream_says_the_same_in_pieces(door, sdk):
    events = sdk(*door).call("converse_stream", **COUNT)
    kinds = [name for event in events for name in event]
    assert kinds[0] == "messageStart" and kinds[-3:] == ["contentBlockStop", "messageStop", "metadata"]
    whole = sdk(*door).call("converse", **COUNT)
    assert len(pieces(events)) > 1 and said(events) == said(whole)
    assert events[-1]["metadata"]["usage"] == whole["usage"]


@SDKS
def test_invoke_model_speaks_the_model_s_own_language(door, sdk):
    answer = sdk(*door).call("invoke_model", **CLAUDE)
    assert (answer["type"], answer["role"], answer["stop_reason"]) == ("message", "assistant", "end_turn")
    assert said(answer) and answer["usage"]["output_tokens"] > 0


@SDKS
def test_so_does_its_stream(door, sdk):
    events = sdk(*door).call("invoke_model_with_response_stream", **CLAUDE)
    assert len(pieces(events)) > 1 and said(events) == said(sdk(*door).call("invoke_model", **CLAUDE))
    assert (events[0]["type"], events[-1]["type"]) == ("message_start", "message_stop")


@SDKS
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_sandbox_says_what_it_is_asked_for(demo, sdk, operation):
    assert said(sdk(*demo).call(operation, **OPERATIONS[operation])) == COUNTED


@SDKS
def test_a_model_goes_by_what_aws_calls_it_too(demo, sdk):
    door, _ = demo
    [nova] = [it for it in serving.Caller(door.url, door.key).done("GET", "/v1/models")["items"]
              if it["alias"] == "nova"]
    for name in [nova["id"], nova["model_id"]]:
        assert sdk(*demo).call("converse", **{**COUNT, "modelId": name})["stopReason"] == "end_turn"


@SDKS
@pytest.mark.parametrize("operation, harm, times, asked", [
    # Three times the service asks itself before it lets its client ask again; but once, if it may have been heard.
    *[(operation, THROTTLED, 3, 2) for operation in OPERATIONS], *[(operation, RESET, 1, 2) for operation in OPERATIONS],
    ("converse", THROTTLED, 2, 1), ("converse_stream", THROTTLED, 6, 3), ("invoke_model", BUSY, 3, 2),
])
def test_what_passes_is_repeated_until_it_has_passed(harmed, sdk, operation, harm, times, asked):
    door, front = harmed
    door.harm({**harm, "times": times})
    client, before = sdk(door, front, retries=True), door.heard()
    assert said(client.call(operation, **OPERATIONS[operation])) == COUNTED
    assert (client.asked, door.heard() - before) == (asked, times + 1)


@SDKS
@pytest.mark.parametrize("operation, harm, status, code, heard", [
    ("converse", THROTTLED, 429, "ThrottlingException", 9),
    ("converse_stream", RESET, 503, "ServiceUnavailableException", 3),
])
def test_what_does_not_pass_is_an_exception_at_last(silenced, sdk, operation, harm, status, code, heard):
    door, front = silenced
    door.harm(harm)
    client, before = sdk(door, front, retries=True), door.heard()
    assert client.refused(operation, **COUNT) == (status, code)
    assert (client.asked, door.heard() - before) == (3, heard)


@SDKS
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status, code", [
    (400, "ValidationException"), (403, "AccessDeniedException"),
    # Each time it is paid for.
    (408, "ModelTimeoutException"), (424, "ModelErrorException"),
])
def test_what_is_permanent_is_asked_once(harmed, sdk, operation, status, code):
    door, front = harmed
    door.harm(error(status, code))
    client, before = sdk(door, front, retries=True), door.heard()
    assert client.refused(operation, **OPERATIONS[operation]) == (status, code)
    assert (client.asked, door.heard() - before) == (1, 1)


@SDKS
def test_what_an_aws_of_others_does_not_permit_is_asked_once(told, ministack, sdk):
    client = sdk(*ministack, retries=True)
    with doors.forbidden(told):
        for operation, parameters in OPERATIONS.items():
            assert client.refused(operation, **parameters) == (403, "AccessDeniedException")
            assert client.asked == 1


@SDKS
def test_a_stream_that_aws_breaks_off_is_told_in_awss_words(harmed, sdk):
    door, front = harmed
    code = "modelStreamErrorException"
    door.harm({"response": {"event_error": {"code": code, "message": "By microburst.", "after_frames": 3}}})
    client = sdk(door, front, retries=True)
    broken = client.broken("converse_stream", **COUNT)
    assert code in " ".join(broken) and "By microburst." in broken[1] and client.asked == 1


@SDKS
def test_a_stream_that_breaks_in_the_middle_is_an_exception(harmed, sdk):
    door, front = harmed
    door.harm({"response": {"event_frames": [{"at": 3, "cut": 0.5}]}})
    client = sdk(door, front, retries=True)
    _, why = client.broken("converse_stream", **COUNT)
    assert sdk.CUT in why and client.asked == 1


@SDKS
def test_refusals_are_exceptions_of_the_sdk_s_own_and_not_repeated(demo, sdk):
    door, front = demo
    mine, nobody = sdk(door, front, retries=True), sdk(door.with_key("bi_" + "x" * 40), front, retries=True)
    refused = lambda client, *call, **parameters: (*client.refused(*call, **parameters), client.asked)
    for operation in ["converse", "converse_stream"]:
        unknown = {**COUNT, "modelId": "unknown"}
        assert refused(mine, operation, **unknown) == (404, "ResourceNotFoundException", 1)
        assert refused(mine, operation, modelId="nova", messages=[]) == (400, "ValidationException", 1)
        assert refused(nobody, operation, **COUNT) == (403, "AccessDeniedException", 1)
    for operation in ["invoke_model", "invoke_model_with_response_stream"]:
        assert refused(mine, operation, modelId="claude", body="{}") == (400, "ValidationException", 1)
