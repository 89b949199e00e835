"""The service's doors for clients of others, with an AWS behind them; the sandbox's runtime can be harmed. MiniStack's cannot:
on the way through microburst its requests lose their signature."""

import base64
import contextlib
import json
import urllib.request

import aws
import program
import serving
import world

COGNITO = ["user_pool_id", "app_client_id", "identity_pool_id", "username", "password"]


class Door:
    """The service, a tenant's key, and where faults of its AWS are set, if they can be."""

    def __init__(self, url, key, faults):
        self.url, self.key, self.faults = url, key, faults

    def at(self, path):
        return Door(self.url + path, self.key, self.faults)

    def with_key(self, key):
        return Door(self.url, key, self.faults)

    def harm(self, *rules):
        """Lets this happen to whatever the runtime is asked, and nothing else."""
        request = urllib.request.Request(
            f"{self.faults}/_microburst/rules", json.dumps(rules).encode(), {"content-type": "application/json"})
        urllib.request.urlopen(request).close()


def base64_of(megabytes):
    """So much of a document."""
    return base64.b64encode(bytes(megabytes * 1_000_000)).decode()


@contextlib.contextmanager
def before_ministack(told, models):
    """A tenant with models of MiniStack's, by alias."""
    fields = {name: told["cognito"][name] for name in COGNITO}
    with before(told, None, models, method="cognito", region=told["region"], fields=fields) as door:
        yield door


@contextlib.contextmanager
def forbidden(told):
    """MiniStack lets that tenant list models and ask none, until the block ends."""
    iam = aws.client("iam", told["url"], told["region"], told["account_id"], "test")
    policy = {"RoleName": "SignedIn", "PolicyName": "BedrockAccess"}
    permitted = iam.get_role_policy(**policy)["PolicyDocument"]
    iam.put_role_policy(**policy, PolicyDocument=world.allowing("bedrock:List*", "bedrock:Get*"))
    try:
        yield
    finally:
        iam.put_role_policy(**policy, PolicyDocument=json.dumps(permitted))


@contextlib.contextmanager
def before_sandbox(told, models):
    """A tenant with models of the sandbox's, by alias."""
    with program.service("sandbox", "--listen", "127.0.0.1:0") as sandbox, world.microburst(sandbox["url"]) as faults:
        fields = {"api_key": sandbox["api_keys"]["long_term"]}
        entry = {"method": "api_key", "region": sandbox["region"], "fields": fields}
        with before({**told, **sandbox}, faults, models, **entry) as door:
            yield door


@contextlib.contextmanager
def before(told, faults, models, **entry):
    runtime = {"BI_AWS_ENDPOINT_URL_BEDROCK_RUNTIME": faults} if faults else {}
    with serving.serving(told, **runtime) as operator:
        caller = operator.tenant("acme")
        saved = caller.saved("Mine", **entry)
        for alias, model in models.items():
            caller.registered(saved, model, alias)
        yield Door(caller.url, caller.key, faults)
