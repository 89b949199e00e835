"""The sandbox, asked by AWS's own SDK and by clients of Cognito that others wrote: whoever takes it for AWS is not misled."""

import base64
import json
import urllib.error
import urllib.request

import aws_bedrock_token_generator
import botocore.credentials
import botocore.exceptions
import pytest

import aws
import program
import sign_in

SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
LISTS = {
    "list_custom_models": "modelSummaries",
    "list_custom_model_deployments": "modelDeploymentSummaries",
    "list_imported_models": "modelSummaries",
    "list_inference_profiles": "inferenceProfileSummaries",
    "list_provisioned_model_throughputs": "provisionedModelSummaries",
}


@pytest.fixture(scope="module")
def sandbox():
    with program.service("sandbox", "--listen", "127.0.0.1:0") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def sts(sandbox):
    platform = sandbox["platform"]
    return aws.client(
        "sts", sandbox["url"], sandbox["region"], platform["access_key_id"], platform["secret_access_key"])


def assume(sts, role, external_id=None):
    """A session of the role, as `aws.client` takes it."""
    external_id = {"ExternalId": external_id} if external_id else {}
    answer = sts.assume_role(RoleArn=role, RoleSessionName="peers", **external_id)
    return aws.session(answer["Credentials"])


@pytest.fixture(scope="module")
def session(sandbox, sts):
    return assume(sts, sandbox["roles"]["role_arn"], sandbox["roles"]["external_id"])


@pytest.fixture
def bedrock(sandbox, session):
    client = aws.client("bedrock", sandbox["url"], sandbox["region"], *session)
    strays = aws.strays(client)
    yield client
    assert strays == []


@pytest.fixture
def runtime(sandbox, session):
    client = aws.client("bedrock-runtime", sandbox["url"], sandbox["region"], *session)
    strays = aws.strays(client)
    yield client
    assert strays == []


def refusal(call, *arguments, **parameters):
    """AWS's status, code and message."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(*arguments, **parameters)
    answer = raised.value.response
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status, answer["Error"]["Code"], answer["Error"]["Message"]


def said(text):
    return [{"role": "user", "content": [{"text": text}]}]


# STS


def test_boto3_takes_on_the_role_by_its_external_id(sandbox, session):
    me = aws.client("sts", sandbox["url"], sandbox["region"], *session).get_caller_identity()
    assert me["Account"] == sandbox["account_id"]
    assert me["Arn"] == f"arn:aws:sts::{sandbox['account_id']}:assumed-role/BedrockAccess/peers"


@pytest.mark.parametrize("external_id", [None, "another"])
def test_without_its_external_id_the_role_stays_closed(sandbox, sts, external_id):
    role, principal = sandbox["roles"]["role_arn"], sandbox["platform"]["principal_arn"]
    message = f"User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role}"
    assert refusal(assume, sts, role, external_id) == (403, "AccessDenied", message)


def test_a_wrong_secret_signs_nothing(sandbox):
    client = aws.client("sts", sandbox["url"], sandbox["region"], sandbox["platform"]["access_key_id"], "wrong")
    assert refusal(client.get_caller_identity)[:2] == (403, "SignatureDoesNotMatch")


# The control plane


@pytest.mark.parametrize("operation", LISTS)
def test_a_list_in_pages_is_the_list(bedrock, operation):
    whole = getattr(bedrock, operation)(maxResults=1000)
    assert "nextToken" not in whole
    pages = list(bedrock.get_paginator(operation).paginate(PaginationConfig={"PageSize": 1}))
    items = [item for page in pages for item in page[LISTS[operation]]]
    assert items == whole[LISTS[operation]] != []
    assert len(pages) == len(items)


def test_foundation_models_are_listed_by_what_is_asked_for(bedrock):
    every = bedrock.list_foundation_models()["modelSummaries"]
    assert len({it["providerName"] for it in every}) > 5
    by = lambda it: it["providerName"] == "Anthropic" and "ON_DEMAND" in it["inferenceTypesSupported"]
    those = [it for it in every if by(it)]
    asked = bedrock.list_foundation_models(byProvider="anthropic", byInferenceType="ON_DEMAND")["modelSummaries"]
    assert asked == those != []
    types = {it["type"] for it in bedrock.list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"]}
    assert types == {"APPLICATION"}


def test_details_agree_with_the_lists(bedrock):
    models = bedrock.list_foundation_models(byProvider="Amazon")["modelSummaries"]
    for summary in models:
        details = bedrock.get_foundation_model(modelIdentifier=summary["modelId"])["modelDetails"]
        assert details == summary
    profile = bedrock.list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"][0]
    details = bedrock.get_inference_profile(inferenceProfileIdentifier=profile["inferenceProfileArn"])
    assert {name: details[name] for name in profile} == profile
    model = bedrock.list_custom_models()["modelSummaries"][0]
    assert bedrock.get_custom_model(modelIdentifier=model["modelArn"])["modelName"] == model["modelName"]


def test_availability_is_told(bedrock, sandbox):
    granted = bedrock.get_foundation_model_availability(modelId=sandbox["model_id"])
    assert granted["authorizationStatus"] == "AUTHORIZED"
    opus = bedrock.get_foundation_model_availability(modelId="anthropic.claude-opus-4-1-20250805-v1:0")
    assert opus["agreementAvailability"]["status"] == "NOT_AVAILABLE"


def test_a_role_that_may_nothing_is_told_which_permission_it_lacks(sandbox, sts):
    role = sandbox["roles"]["powerless_role_arn"]
    client = aws.client("bedrock", sandbox["url"], sandbox["region"], *assume(sts, role, sandbox["roles"]["external_id"]))
    status, code, message = refusal(client.list_foundation_models)
    assert (status, code) == (403, "AccessDeniedException")
    assert message.endswith("because no identity-based policy allows the bedrock:ListFoundationModels action")


# The runtime


def test_converse_answers(runtime, sandbox):
    answer = runtime.converse(modelId=sandbox["model_id"], messages=said("Say good morning"))
    assert answer["output"]["message"] == {"role": "assistant", "content": [{"text": "good morning"}]}
    assert answer["stopReason"] == "end_turn"
    usage = answer["usage"]
    assert (usage["inputTokens"], usage["outputTokens"], usage["totalTokens"]) == (4, 3, 7)


def test_converse_stream_says_the_same_in_pieces(runtime, sandbox):
    asked = {"modelId": sandbox["model_id"], "messages": said("count to 20")}
    events = list(runtime.converse_stream(**asked)["stream"])
    kinds = [name for event in events for name in event]
    assert kinds[0] == "messageStart" and kinds[-3:] == ["contentBlockStop", "messageStop", "metadata"]
    pieces = [event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event]
    whole = runtime.converse(**asked)
    assert len(pieces) > 1 and "".join(pieces) == whole["output"]["message"]["content"][0]["text"]
    assert events[-1]["metadata"]["usage"] == whole["usage"]


def test_invoke_model_speaks_the_model_s_own_language(runtime):
    body = json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 99,
                       "messages": [{"role": "user", "content": "count to 9"}]})
    answer = json.load(runtime.invoke_model(modelId=f"us.{SONNET}", body=body)["body"])
    assert answer["content"] == [{"type": "text", "text": "1, 2, 3, 4, 5, 6, 7, 8, 9"}]
    stream = runtime.invoke_model_with_response_stream(modelId=f"us.{SONNET}", body=body)["body"]
    events = [json.loads(event["chunk"]["bytes"]) for event in stream]
    text = "".join(event["delta"]["text"] for event in events if event["type"] == "content_block_delta")
    assert text == answer["content"][0]["text"]
    assert events[-1]["type"] == "message_stop"


def test_tokens_are_counted(runtime):
    asked = {"converse": {"messages": said("one two three")}}
    assert runtime.count_tokens(modelId=SONNET, input=asked)["inputTokens"] == 3


def test_models_refuse_in_the_words_of_aws(runtime, sandbox):
    converse = lambda model, text="Hello": refusal(runtime.converse, modelId=model, messages=said(text))
    assert converse("amazon.nova-lite-v9:0") == (
        400, "ValidationException", "The provided model identifier is invalid.")
    on_demand = (f"Invocation of model ID {SONNET} with on-demand throughput isn’t supported. Retry your request with "
                 "the ID or ARN of an inference profile that contains this model.")
    assert converse(SONNET) == (400, "ValidationException", on_demand)
    assert converse(sandbox["model_id"], " ")[:2] == (400, "ValidationException")
    assert converse("us.anthropic.claude-opus-4-1-20250805-v1:0")[:2] == (403, "AccessDeniedException")


# API keys


def bearer(sandbox, key):
    """The status and message of a list; boto3 sends no key over plain HTTP."""
    request = urllib.request.Request(f"{sandbox['url']}/foundation-models", headers={"authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.status, json.load(error)["Message"]


def test_a_short_term_key_of_aws_s_own_maker_is_read(sandbox, session):
    """The role's policies lack the right to use keys, and the sandbox says so only of a key whose signature is right."""
    make = lambda session, region: aws_bedrock_token_generator.BedrockTokenGenerator().get_token(
        botocore.credentials.Credentials(*session), region)
    status, message = bearer(sandbox, make(session, sandbox["region"]))
    assert status == 403 and "is not authorized to perform: bedrock:CallWithBearerToken" in message
    wrong = (403, "Authentication failed: Please make sure your API Key is valid.")
    assert bearer(sandbox, make(session, "eu-west-1")) == wrong
    access_key, _, token = session
    assert bearer(sandbox, make((access_key, "wrong", token), sandbox["region"])) == wrong


@pytest.mark.parametrize("key", ["long_term", "short_term"])
def test_a_key_that_is_good_lists_models(sandbox, key):
    assert bearer(sandbox, sandbox["api_keys"][key]) == (200, "")


# Cognito


@pytest.fixture(params=[sign_in.by_pycognito, sign_in.by_javascript])
def enter(request, sandbox):
    """Signs in to the sandbox by one of the clients."""
    cognito = sandbox["cognito"]

    def enter(username, password=cognito["password"], client=cognito["app_client_id"], **more):
        return request.param(
            sandbox["url"], sandbox["region"], cognito["user_pool_id"], client, username, password, **more)

    return enter


def test_the_right_password_leads_to_the_models(sandbox, enter):
    cognito = sandbox["cognito"]
    token = enter(cognito["username"])["id_token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["aud"] == cognito["app_client_id"] and claims["cognito:username"] == cognito["username"]

    pools = aws.client("cognito-identity", sandbox["url"], sandbox["region"])
    logins = {f"cognito-idp.{sandbox['region']}.amazonaws.com/{cognito['user_pool_id']}": token}
    identity = pools.get_id(IdentityPoolId=cognito["identity_pool_id"], Logins=logins)["IdentityId"]
    credentials = pools.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
    bedrock = aws.client("bedrock", sandbox["url"], sandbox["region"], *aws.session(credentials))
    assert bedrock.list_foundation_models()["modelSummaries"]

    unlinked = {"IdentityPoolId": cognito["unlinked_identity_pool_id"], "Logins": logins}
    message = "Token is not from a supported provider of this identity pool."
    assert refusal(pools.get_id, **unlinked) == (400, "NotAuthorizedException", message)


def test_nobody_else_gets_in(sandbox, enter):
    not_authorized = lambda message: {"refused": ("NotAuthorizedException", message)}
    assert enter("svc", "Wrong-Pa55word") == not_authorized("Incorrect username or password.")
    assert enter("disabled") == not_authorized("User is disabled.")
    assert enter("new-password-required") == {"asked": "NEW_PASSWORD_REQUIRED"}
    assert enter("password-reset-required")["refused"][0] == "PasswordResetRequiredException"
    assert enter("not-confirmed") == {"refused": ("UserNotConfirmedException", "User is not confirmed.")}


def test_a_client_s_secret_is_demanded(sandbox, enter):
    client = sandbox["cognito"]["confidential_app_client_id"]
    message = f"Client {client} is configured with secret but SECRET_HASH was not received"
    assert enter("svc", client=client) == {"refused": ("NotAuthorizedException", message)}


def test_a_client_s_secret_is_checked(sandbox):
    cognito = sandbox["cognito"]
    client = cognito["confidential_app_client_id"]
    enter = lambda secret: sign_in.by_pycognito(
        sandbox["url"], sandbox["region"], cognito["user_pool_id"], client, "svc", cognito["password"], secret=secret)
    assert "id_token" in enter(cognito["confidential_app_client_secret"])
    message = f"Unable to verify secret hash for client {client}"
    assert enter("wrong") == {"refused": ("NotAuthorizedException", message)}


def test_a_hundred_proofs_by_others_are_proofs(sandbox):
    """Numbers with leading zeros are where SRP goes wrong: about one sign-in of a hundred has one."""
    cognito = sandbox["cognito"]
    told = [
        sign_in.by_pycognito(sandbox["url"], sandbox["region"], cognito["user_pool_id"], cognito["app_client_id"],
                             cognito["username"], cognito["password"])
        for _ in range(100)
    ]
    assert [answer for answer in told if "id_token" not in answer] == []
