"""A customer's path through the service, in an account that boto3 sets up as the setup kit says."""

import json

import pytest

import aws
import program
import serving
import world
from serving import BEDROCK

ROLE = {"method": "iam_role", "region": world.REGION}


@pytest.fixture(scope="module")
def operator(told):
    with serving.serving(told) as operator:
        yield operator


@pytest.fixture(scope="module")
def acme(operator):
    return operator.tenant("acme")


@pytest.fixture(scope="module")
def umbrella(operator):
    return operator.tenant("umbrella")


@pytest.fixture(scope="module")
def iam(told):
    return aws.client("iam", told["url"], told["region"], told["account_id"], "test")


def set_up(iam, name, kit):
    """The role of a setup kit, and what MiniStack calls Converse besides."""
    arn = world.role(iam, name, json.dumps(kit["trust_policy"]), json.dumps(kit["permissions_policy"]))
    iam.put_role_policy(RoleName=name, PolicyName="MiniStack", PolicyDocument=world.allowing("bedrock:Converse*"))
    return arn


def said(text):
    return {"messages": [{"role": "user", "content": [{"text": text}]}], "inferenceConfig": {"maxTokens": 50}}


def test_a_role_made_as_the_setup_kit_says_is_connected_used_and_disconnected(told, acme, iam):
    connected = acme.done("POST", f"{BEDROCK}/connect", ROLE)
    reserved, kit = connected["connection"], connected["setup"]
    assert kit["principal_arn"] == told["platform"]["principal_arn"]
    arn = set_up(iam, "AsTheKitSays", kit)
    entry = {**ROLE, "connection_id": reserved["id"]}
    mistaken, right = {"role_arn": arn + "x"}, {"role_arn": arn}
    assert acme.tested(**entry, fields=mistaken) == {"credentials": ("failed", "trust_policy_denied")}
    refused = {**entry, "name": "Mine", "fields": mistaken}
    assert acme.refused("POST", f"{BEDROCK}/connections", refused) == (422, "connection_test_failed")
    invoke = {"model_id": told["model_id"]}
    # The kit's second policy is for models that answer through profiles only.
    lacks = {"list_inference_profiles": ("warning", "missing_permission")}
    assert acme.tested(**entry, fields=right, invoke=invoke) == lacks
    second = json.dumps(kit["inference_profiles_policy"])
    iam.put_role_policy(RoleName="AsTheKitSays", PolicyName="Profiles", PolicyDocument=second)
    assert acme.tested(**entry, fields=right, invoke=invoke) == {}
    assert acme.done("GET", f"{BEDROCK}/connections")["items"] == []

    assert acme.saved("Mine", **entry, fields=right)["state"] == "healthy"
    follow(told, acme, reserved["id"])


def test_a_user_of_cognito_is_connected_used_and_disconnected(told, acme):
    pools = ["user_pool_id", "app_client_id", "identity_pool_id", "username", "password"]
    fields = {name: told["cognito"][name] for name in pools}
    entry = {"method": "cognito", "region": told["region"]}
    unlinked = {**fields, "identity_pool_id": told["cognito"]["unlinked_identity_pool_id"]}
    disabled = {**fields, "username": "disabled"}
    assert acme.tested(**entry, fields=unlinked) == {"credentials": ("failed", "cognito_pool_not_linked")}
    assert acme.tested(**entry, fields=disabled) == {"credentials": ("failed", "cognito_user_disabled")}

    assert acme.tested(**entry, fields=fields, invoke={"model_id": told["model_id"]}) == {}
    follow(told, acme, acme.saved("Mine", **entry, fields=fields)["id"])


def follow(told, caller, connection):
    """What a saved connection is for, to its end."""
    path = f"{BEDROCK}/connections/{connection}"
    read = caller.done("GET", path)
    assert (read["state"], read["access"]["account_id"]) == ("healthy", told["account_id"])
    listed = caller.done("GET", f"{path}/models?limit=200")["items"]
    assert told["model_id"] in [model["model_id"] for model in listed]

    caller.registered(read, told["model_id"], "nova")
    whole = caller.done("POST", "/v1/models/nova/converse", said("Hello"))
    assert whole["output"]["message"]["role"] == "assistant"
    events = caller.done("POST", "/v1/models/nova/converse", said("Hello"), accept="text/event-stream")
    names = [name for name, _ in events]
    assert (names[0], names[-2:]) == ("messageStart", ["messageStop", "metadata"])
    text = "".join(event["delta"]["text"] for name, event in events if name == "contentBlockDelta")
    assert text == whole["output"]["message"]["content"][0]["text"]

    gone = caller.done("DELETE", path)
    assert gone["removed"]["models"] == ["nova"]
    assert caller.refused("POST", "/v1/models/nova/converse", said("Hello")) == (404, "model_not_found")
    assert caller.refused("GET", path) == (404, "not_found")


def test_a_role_that_lets_in_who_has_no_external_id_is_not_saved(told, umbrella):
    reserved = umbrella.done("POST", f"{BEDROCK}/connect", ROLE)["connection"]
    entry = {**ROLE, "connection_id": reserved["id"], "fields": {"role_arn": told["roles"]["unenforced_role_arn"]}}
    assert umbrella.tested(**entry) == {"external_id": ("failed", "external_id_not_enforced")}
    status, _, problem = umbrella.ask("POST", f"{BEDROCK}/connections", {**entry, "name": "Open"})
    assert (status, problem["code"]) == (422, "connection_test_failed")
    assert told["account_id"] not in json.dumps(problem["report"]).replace(entry["fields"]["role_arn"], "")


def test_a_role_for_another_external_id_is_denied(umbrella, iam):
    kit = umbrella.done("POST", f"{BEDROCK}/connect", ROLE)["setup"]
    arn = set_up(iam, "ForAnother", kit)
    other = umbrella.done("POST", f"{BEDROCK}/connect", ROLE)["connection"]["id"]
    assert umbrella.tested(**ROLE, connection_id=other, fields={"role_arn": arn}) == {
        "credentials": ("failed", "trust_policy_denied")}


def test_what_a_tenant_holds_by_an_external_id_of_its_own_is_denied_to_another(told, acme, umbrella, iam):
    demanding = world.trust(
        {"AWS": told["platform"]["principal_arn"]}, "sts:AssumeRole",
        {"StringEquals": {"sts:ExternalId": "acme-chose-this"}})
    arn = world.role(iam, "OfAcme", demanding, world.allowing("bedrock:*", "sts:GetCallerIdentity"))
    entry = {**ROLE, "fields": {"role_arn": arn, "external_id": "acme-chose-this"}}
    saved = acme.saved("Entered", **entry)
    assert saved["access"]["external_id_source"] == "customer"
    assert umbrella.tested(**entry) == {"credentials": ("failed", "trust_policy_denied")}
    stolen = {**entry, "name": "Stolen"}
    assert umbrella.refused("POST", f"{BEDROCK}/connections", stolen) == (422, "connection_test_failed")


def test_an_external_id_that_the_service_made_for_one_tenant_is_another_s_mistake(acme, umbrella, iam):
    kit = acme.done("POST", f"{BEDROCK}/connect", ROLE)["setup"]
    arn = set_up(iam, "OfAcmeAlone", kit)
    entry = {**ROLE, "fields": {"role_arn": arn, "external_id": kit["external_id"]}}
    assert umbrella.refused("POST", f"{BEDROCK}/test", entry) == (422, "validation_failed")


def test_api_keys_are_told_apart_by_what_is_wrong_with_them(told):
    """In the sandbox: MiniStack reads no bearer tokens."""
    with program.service("sandbox", "--listen", "127.0.0.1:0") as sandbox:
        with serving.serving({**told, **sandbox}) as operator:
            caller, keys = operator.tenant("acme"), sandbox["api_keys"]
            entry = lambda key: {"method": "api_key", "region": sandbox["region"], "fields": {"api_key": keys[key]}}
            assert caller.tested(**entry("revoked"))["list_models"] == ("failed", "api_key_invalid")
            assert caller.tested(**entry("long_term"), invoke={"model_id": sandbox["model_id"]}) == {}
            saved = caller.saved("Key", **entry("long_term"))
            assert keys["long_term"] not in json.dumps(saved)
            caller.registered(saved, sandbox["model_id"], "model")
            answer = caller.done("POST", "/v1/models/model/converse", said("Hello"))
            assert answer["usage"]["outputTokens"] > 0
