"""Conversations whose way to Bedrock Runtime leads through microburst, which refuses or breaks off what comes."""

import json
import urllib.request

import pytest

import serving
from serving import BEDROCK

COGNITO = ["user_pool_id", "app_client_id", "identity_pool_id", "username", "password"]
HELLO = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}


@pytest.fixture(scope="module")
def caller(told):
    """A tenant with a model to converse with."""
    with serving.serving(told, BI_AWS_ENDPOINT_URL_BEDROCK_RUNTIME=told["faults_url"]) as operator:
        caller = operator.tenant("acme")
        fields = {name: told["cognito"][name] for name in COGNITO}
        saved = caller.saved("Mine", method="cognito", region=told["region"], fields=fields)
        caller.registered(saved, told["model_id"], "nova")
        yield caller


@pytest.fixture
def harm(told):
    """Lets one thing happen to whatever comes, until the test ends."""

    def set_rules(*rules):
        request = urllib.request.Request(
            f"{told['faults_url']}/_microburst/rules", json.dumps(rules).encode(),
            {"content-type": "application/json"})
        urllib.request.urlopen(request).close()

    yield set_rules
    set_rules()


def error(status, code):
    return {"error": {"code": code, "status": status, "message": "By microburst."}}


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("harmed, status, code", [
    (error(429, "ThrottlingException"), 429, "model_throttled"),
    (error(503, "ServiceUnavailableException"), 503, "aws_unavailable"),
    ({"reset": True}, 503, "aws_unavailable"),
])
def test_what_fails_on_the_way_is_an_answer_of_its_own(caller, harm, harmed, status, code, accept):
    harm(harmed)
    answered, headers, problem = caller.ask("POST", "/v1/models/nova/converse", HELLO, accept=accept)
    assert (answered, problem["code"], problem["retryable"]) == (status, code, True)
    assert int(headers["retry-after"]) >= 1


@pytest.mark.parametrize("operation", ["converse", "converse-stream"])
@pytest.mark.parametrize("harmed, status, kind", [
    (error(429, "ThrottlingException"), 429, "ThrottlingException"),
    ({"reset": True}, 503, "ServiceUnavailableException"),
])
def test_the_door_of_sdks_says_it_in_awss_words(caller, harm, harmed, status, kind, operation):
    harm(harmed)
    answered, headers, _ = caller.ask("POST", f"/bedrock/model/nova/{operation}", HELLO)
    assert (answered, headers["x-amzn-errortype"]) == (status, kind)


def test_it_harms_conversations_alone(caller, harm):
    harm(error(429, "ThrottlingException"))
    [connection] = caller.done("GET", f"{BEDROCK}/connections")["items"]
    assert caller.done("POST", f"{BEDROCK}/connections/{connection['id']}/test", {})["ok"]
