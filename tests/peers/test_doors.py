"""AWS's own SDKs at the service's door for them, `/bedrock`: an endpoint URL and an API key of the service as the bearer
token, and nothing else, make them believe to talk to Bedrock Runtime."""

import json
import subprocess

import boto3
import botocore.exceptions
import pytest

import aws
import doors
import program
import serving
import sign_in
import tls_front

REGION = "us-east-1"
NOVA = "amazon.nova-lite-v1:0"
COUNT = {"messages": [{"role": "user", "content": [{"text": "count to 20"}]}]}
#: The same in Claude's own language.
CLAUDE = json.dumps({
    "anthropic_version": "bedrock-2023-05-31", "max_tokens": 99,
    "messages": [{"role": "user", "content": "count to 20"}]})
COUNTED = ", ".join(str(number) for number in range(1, 21))


@pytest.fixture(scope="module")
def demo():
    with program.service("demo", BI_LISTEN="127.0.0.1:0", BI_OPS_LISTEN="127.0.0.1:0") as demo:
        yield demo


@pytest.fixture(scope="module")
def front(demo):
    with tls_front.before(demo["url"]) as front:
        yield front


@pytest.fixture(scope="module")
def sandbox(told):
    """The service before a sandbox that can be harmed, and a way to it by TLS."""
    with doors.before_sandbox(told, {"nova": NOVA}) as door, tls_front.before(door.url) as front:
        yield door, front


@pytest.fixture
def harmed(sandbox):
    door, front = sandbox
    yield door, front
    door.harm()


class Boto3:
    """AWS's SDK for Python."""

    #: What it says of an answer that ends before its end.
    CUT = "ended prematurely"

    def __init__(self, front, key):
        url, self.certificate = front
        self.endpoint, self.key = f"{url}/bedrock", key

    def call(self, operation, **parameters):
        with pytest.MonkeyPatch.context() as patch:
            # Where the token comes from is settled by and by: when the client is made, and when it signs.
            patch.setenv("AWS_BEARER_TOKEN_BEDROCK", self.key)
            client = boto3.Session().client(
                "bedrock-runtime", endpoint_url=self.endpoint, region_name=REGION, config=aws.CONFIG,
                verify=self.certificate)
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

    def __init__(self, front, key):
        url, certificate = front
        self.endpoint = f"{url}/bedrock"
        self.environment = {
            **program.INHERITED, "NODE_PATH": sign_in.MODULES, "NODE_EXTRA_CA_CERTS": certificate,
            "AWS_BEARER_TOKEN_BEDROCK": key,
        }

    def told(self, operation, parameters):
        operation = "".join(word.capitalize() for word in operation.split("_"))
        asked = {"endpoint": self.endpoint, "region": REGION, "operation": operation, "input": parameters}
        run = subprocess.run(
            ["node", "tests/peers/bedrock.cjs"], env=self.environment, input=json.dumps(asked), capture_output=True,
            text=True, check=True)
        return json.loads(run.stdout)

    def call(self, operation, **parameters):
        return self.told(operation, parameters)["answer"]

    def broken(self, operation, **parameters):
        error = self.told(operation, parameters)["error"]
        return error["name"], error["message"]

    def refused(self, operation, **parameters):
        error = self.told(operation, parameters)["error"]
        return error["status"], error["name"]


SDKS = pytest.mark.parametrize("sdk", [Boto3, JavaScript])


@SDKS
def test_converse_answers(demo, front, sdk):
    answer = sdk(front, demo["api_key"]).call("converse", modelId="nova", **COUNT)
    assert answer["output"]["message"] == {"role": "assistant", "content": [{"text": COUNTED}]}
    assert answer["usage"]["outputTokens"] > 0


@SDKS
def test_converse_stream_says_the_same_in_pieces(demo, front, sdk):
    events = sdk(front, demo["api_key"]).call("converse_stream", modelId="nova", **COUNT)
    kinds = [name for event in events for name in event]
    assert kinds[0] == "messageStart" and kinds[-3:] == ["contentBlockStop", "messageStop", "metadata"]
    pieces = [event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event]
    assert len(pieces) > 1 and "".join(pieces) == COUNTED


@SDKS
def test_invoke_model_speaks_the_model_s_own_language(demo, front, sdk):
    answer = sdk(front, demo["api_key"]).call("invoke_model", modelId="claude", body=CLAUDE)
    assert answer["content"] == [{"type": "text", "text": COUNTED}]


@SDKS
def test_so_does_its_stream(demo, front, sdk):
    events = sdk(front, demo["api_key"]).call("invoke_model_with_response_stream", modelId="claude", body=CLAUDE)
    pieces = [event["delta"]["text"] for event in events if event["type"] == "content_block_delta"]
    assert len(pieces) > 1 and "".join(pieces) == COUNTED
    assert events[-1]["type"] == "message_stop"


@SDKS
def test_a_model_goes_by_what_aws_calls_it_too(demo, front, sdk):
    [nova] = [it for it in serving.Caller(demo["url"], demo["api_key"]).done("GET", "/v1/models")["items"]
              if it["alias"] == "nova"]
    for name in [nova["id"], nova["model_id"]]:
        assert sdk(front, demo["api_key"]).call("converse", modelId=name, **COUNT)["stopReason"] == "end_turn"


@SDKS
def test_a_stream_that_aws_breaks_off_is_told_in_awss_words(harmed, sdk):
    door, front = harmed
    code = "modelStreamErrorException"
    door.harm({"response": {"event_error": {"code": code, "message": "By microburst.", "after_frames": 3}}})
    broken = sdk(front, door.key).broken("converse_stream", modelId="nova", **COUNT)
    assert code in " ".join(broken) and "By microburst." in broken[1]


@SDKS
def test_a_stream_that_breaks_in_the_middle_is_an_exception(harmed, sdk):
    door, front = harmed
    door.harm({"response": {"event_frames": [{"at": 3, "cut": 0.5}]}})
    _, why = sdk(front, door.key).broken("converse_stream", modelId="nova", **COUNT)
    assert sdk.CUT in why


@SDKS
def test_refusals_are_exceptions_of_the_sdk_s_own(demo, front, sdk):
    mine, nobody = sdk(front, demo["api_key"]), sdk(front, "bi_" + "x" * 40)
    empty = {"messages": []}
    for operation in ["converse", "converse_stream"]:
        assert mine.refused(operation, modelId="unknown", **COUNT) == (404, "ResourceNotFoundException")
        assert mine.refused(operation, modelId="nova", **empty) == (400, "ValidationException")
        assert nobody.refused(operation, modelId="nova", **COUNT) == (403, "AccessDeniedException")
    for operation in ["invoke_model", "invoke_model_with_response_stream"]:
        assert mine.refused(operation, modelId="claude", body="{}") == (400, "ValidationException")
