"""An AWS that we did not write, and what a platform and its customer have set up there: MiniStack, which checks what AWS
checks, with microburst in front of it, which lets calls fail.

`python tests/peers/world.py` starts both, tells the world in a line `ready {…}` and keeps it until it is interrupted."""

import contextlib
import json
import os
import signal
import socket
import sys
import time
import urllib.request

import aws
import program

PLATFORM = "111122223333"
CUSTOMER = "123456789012"
REGION = "eu-central-1"
MODEL = "amazon.nova-lite-v1:0"
ISSUER = "https://platform.example/oidc/acme"
SUBJECT = "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b"

#: Names that customers give.
EXTERNAL_ID = "bi-0123456789abcdef0123456789abcdef01234567"
PASSWORD = "Right-Pa55word"


@contextlib.contextmanager
def started():
    """The world, until the block ends."""
    elsewhere = os.environ.get("BI_AWS_ENDPOINT_URL")
    with contextlib.ExitStack() as stack:
        endpoint = elsewhere or stack.enter_context(ministack())
        faults = stack.enter_context(microburst(endpoint))
        for service in ["sts", "bedrock"]:
            warm(faults, service)
        yield {"url": endpoint, "faults_url": faults, **made(endpoint)}


@contextlib.contextmanager
def ministack():
    port = free_port()
    environment = {
        "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "AUTH": "true", "LOG_LEVEL": "WARNING",
        # Where it looks for what unsigned requests ask for: Cognito's.
        "MINISTACK_ACCOUNT_ID": CUSTOMER,
        # It would listen for devices, and not on loopback alone.
        "IOT_MTLS_ENABLED": "0",
    }
    with program.running(beside("ministack"), **environment) as process:
        yield answering(process, f"http://127.0.0.1:{port}", "/_ministack/health")


@contextlib.contextmanager
def microburst(upstream):
    port = free_port()
    with program.running(beside("microburst"), f"--port={port}", f"--upstream={upstream}") as process:
        yield answering(process, f"http://127.0.0.1:{port}", "/_microburst/health")


def warm(faults, service):
    """It reads AWS's models when it first needs them, which takes longer than callers wait."""
    client = aws.client(service, faults, REGION, CUSTOMER, "test")
    client.get_caller_identity() if service == "sts" else client.list_foundation_models()


def beside(name):
    """A program of the environment that this one runs in."""
    return os.path.join(os.path.dirname(sys.executable), name)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answering(process, url, health):
    """The URL, as soon as it answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url + health).close()
            return url
        except OSError:
            assert process.poll() is None, f"{process.args} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.1)


def made(endpoint):
    """What is set up there, told like the sandbox tells its own."""
    root = lambda account: lambda service: aws.client(service, endpoint, REGION, account, "test")
    platform, customer = root(PLATFORM), root(CUSTOMER)
    own = platform_user(platform("iam"))
    return {
        "region": REGION,
        "account_id": CUSTOMER,
        "model_id": MODEL,
        "platform": own,
        "roles": roles(customer("iam"), own["principal_arn"]),
        "cognito": cognito(customer("cognito-idp"), customer("cognito-identity"), customer("iam")),
    }


def platform_user(iam):
    name = "bedrock-integrations"
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    iam.put_user_policy(UserName=name, PolicyName="roles", PolicyDocument=allowing("sts:AssumeRole"))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "principal_arn": arn, "access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


def roles(iam, principal):
    """One role as it should be, and each mistake that a customer can make with it."""
    stranger = f"arn:aws:iam::{PLATFORM}:user/somebody-else"
    demanding = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    assume = lambda who, condition: trust({"AWS": who}, "sts:AssumeRole", condition)
    provider = iam.create_open_id_connect_provider(
        Url=ISSUER, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40])["OpenIDConnectProviderArn"]
    name = ISSUER.removeprefix("https://")
    told = {f"{name}:aud": "sts.amazonaws.com", f"{name}:sub": SUBJECT}
    federated = trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", {"StringEquals": told})
    everything = allowing("bedrock:*", "sts:GetCallerIdentity")
    return {
        "external_id": EXTERNAL_ID,
        "role_arn": role(iam, "Bedrock", assume(principal, demanding), everything),
        "unenforced_role_arn": role(iam, "Open", assume(principal, {}), everything),
        "stranger_role_arn": role(iam, "Stranger", assume(stranger, demanding), everything),
        "powerless_role_arn": role(iam, "Powerless", assume(principal, demanding), allowing("s3:ListAllMyBuckets")),
        "listing_role_arn": role(
            iam, "Listing", assume(principal, demanding), allowing("bedrock:List*", "bedrock:Get*")),
        "oidc": {
            "issuer": ISSUER,
            "subject": SUBJECT,
            "role_arn": role(iam, "Federated", federated, everything),
        },
    }


def cognito(users, identities, iam):
    """A pool with a user in every state that the pool can make, and two identity pools, of which one forgot the pool."""
    pool = users.create_user_pool(PoolName="people")["UserPool"]["Id"]
    plain, confidential = app_client(users, pool, False), app_client(users, pool, True)
    for name in ["svc", "disabled", "new-password-required"]:
        users.admin_create_user(
            UserPoolId=pool, Username=name, TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")
        if name != "new-password-required":
            users.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
    users.admin_disable_user(UserPoolId=pool, Username="disabled")

    provider = f"cognito-idp.{REGION}.amazonaws.com/{pool}"
    clients = [plain["ClientId"], confidential["ClientId"]]
    providers = [{"ProviderName": provider, "ClientId": client} for client in clients]
    linked, unlinked = (
        identities.create_identity_pool(
            IdentityPoolName=name, AllowUnauthenticatedIdentities=False, CognitoIdentityProviders=linked
        )["IdentityPoolId"]
        for name, linked in [("linked", providers), ("unlinked", [])]
    )
    condition = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": [linked, unlinked]},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
    }
    policy = trust({"Federated": "cognito-identity.amazonaws.com"}, "sts:AssumeRoleWithWebIdentity", condition)
    signed_in = role(iam, "SignedIn", policy, allowing("bedrock:*", "sts:GetCallerIdentity"))
    for identity_pool in [linked, unlinked]:
        identities.set_identity_pool_roles(IdentityPoolId=identity_pool, Roles={"authenticated": signed_in})
    return {
        "user_pool_id": pool,
        "app_client_id": plain["ClientId"],
        "confidential_app_client_id": confidential["ClientId"],
        "confidential_app_client_secret": confidential["ClientSecret"],
        "identity_pool_id": linked,
        "unlinked_identity_pool_id": unlinked,
        "username": "svc",
        "password": PASSWORD,
        "refused_usernames": ["disabled", "new-password-required"],
    }


def app_client(users, pool, secret):
    while True:
        client = users.create_user_pool_client(
            UserPoolId=pool, ClientName="service", GenerateSecret=secret,
            ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])["UserPoolClient"]
        # MiniStack's secrets may have a slash, which AWS's own have not and which the service refuses.
        if "/" not in client.get("ClientSecret", ""):
            return client


def role(iam, name, trusted, policy):
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="BedrockAccess", PolicyDocument=policy)
    return arn


def trust(principal, action, condition):
    return policy({"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition})


def allowing(*actions):
    return policy({"Effect": "Allow", "Action": actions, "Resource": "*"})


def policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


if __name__ == "__main__":
    with started() as world:
        print("ready", json.dumps(world), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
