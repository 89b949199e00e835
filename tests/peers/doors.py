"""The service's doors for clients of others, with an AWS behind them; the sandbox's runtime can be harmed. MiniStack's cannot
without losing its answers: on the way through microburst its requests lose their signature."""

import base64
import contextlib
import itertools
import json
import urllib.request

import aws
import program
import serving
import world

COGNITO = ["user_pool_id", "app_client_id", "identity_pool_id", "username", "password"]


class Door:
    """The service, a tenant's key, and where faults of its AWS are set, if they can be."""

    def __init__(self, url, key, faults=None, another=None):
        self.url, self.key, self.faults = url, key, faults
        #: Makes the same for a tenant of its own: the service counts its retries connection by connection.
        self.another = another

    def at(self, path):
        return Door(self.url + path, self.key, self.faults, self.another)

    def with_key(self, key):
        return Door(self.url, key, self.faults, self.another)

    def harm(self, *rules):
        """Lets this happen to whatever the runtime is asked, and nothing else."""
        request = urllib.request.Request(
            f"{self.faults}/_microburst/rules", json.dumps(rules).encode(), {"content-type": "application/json"})
        urllib.request.urlopen(request).close()

    def heard(self):
        """How often the runtime has been asked so far, harmed or not."""
        with urllib.request.urlopen(f"{self.faults}/_microburst/stats") as answer:
            return json.load(answer)["requests"]["total"]


def base64_of(megabytes):
    """So much of a document."""
    return base64.b64encode(bytes(megabytes * 1_000_000)).decode()


@contextlib.contextmanager
def before_ministack(told, models, faults=None):
    """A tenant with models of MiniStack's, by alias. Behind `faults` its runtime can be harmed, and answers nothing else."""
    fields = {name: told["cognito"][name] for name in COGNITO}
    with before(told, faults, models, method="cognito", region=told["region"], fields=fields) as door:
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
        numbers = itertools.count(1)

        def opened():
            caller = operator.tenant(f"acme-{next(numbers)}")
            saved = caller.saved("Mine", **entry)
            for alias, model in models.items():
                caller.registered(saved, model, alias)
            return Door(caller.url, caller.key, faults, opened)

        yield opened()
