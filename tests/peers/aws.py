"""boto3 against an endpoint of one's own, and answers measured by AWS's own models."""

import json

import boto3
import botocore.config

CONFIG = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=30)


def client(service, endpoint, region, access_key_id=None, secret_access_key=None, session_token=None):
    return boto3.client(
        service, endpoint_url=endpoint, region_name=region, config=CONFIG,
        aws_access_key_id=access_key_id or "none", aws_secret_access_key=secret_access_key or "none",
        aws_session_token=session_token,
    )


def session(credentials):
    """The credentials that STS or an identity pool gave, as `client` takes them."""
    secret = credentials.get("SecretAccessKey") or credentials["SecretKey"]
    return credentials["AccessKeyId"], secret, credentials["SessionToken"]


def strays(client):
    """What the client's answers from now on have beside AWS's model, or lack that it requires: a list that fills."""
    found = []

    def look(http_response, parsed, model, **_):
        streams = model.has_event_stream_output or model.has_streaming_output
        if http_response.status_code == 200 and not streams:
            body = json.loads(http_response.content)
            found.extend(f"{model.name}: {stray}" for stray in compare(model.output_shape, body, "$"))

    client.meta.events.register("after-call.*", look)
    return found


def compare(shape, value, path):
    """Enumerations aside: AWS's own answers have values, like INFERENCE_PROFILE, that its model lacks."""
    if shape.type_name == "structure":
        if shape.is_document_type:
            return
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        required = {shape.members[name].serialization.get("name", name) for name in shape.required_members}
        yield from (f"{path} lacks {name}" for name in required - value.keys())
        for name, inner in value.items():
            if name in members:
                yield from compare(members[name], inner, f"{path}.{name}")
            else:
                yield f"{path} has {name}"
    elif shape.type_name == "list":
        for index, inner in enumerate(value):
            yield from compare(shape.member, inner, f"{path}[{index}]")
    elif shape.type_name == "map":
        for name, inner in value.items():
            yield from compare(shape.value, inner, f"{path}.{name}")
