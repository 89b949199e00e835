"""The service as a platform runs it, `serve --local`, and who calls it."""

import contextlib
import json
import os
import subprocess
import tempfile
import urllib.error
import urllib.request

import program
import world

BEDROCK = "/v1/integrations/bedrock"


@contextlib.contextmanager
def serving(told, **environment):
    """Its operator, until the block ends; the AWS of `told` is its AWS."""
    port, platform = world.free_port(), told["platform"]
    with tempfile.TemporaryDirectory() as folder:
        # For root, Postgres runs as a user who has to get there.
        os.chmod(folder, 0o711)
        environment = {
            "BI_DATA_DIR": folder, "BI_LISTEN": f"127.0.0.1:{port}", "BI_OPS_LISTEN": "127.0.0.1:0",
            "BI_AWS_ENDPOINT_URL": told["url"], "BI_DEV_AWS_ENDPOINTS": "true",
            # MiniStack authorises Converse by its own name, where AWS asks for InvokeModel.
            "BI_DEV_SESSION_ACTIONS": "bedrock:Converse*", "BI_PRINCIPAL_ARN": platform["principal_arn"],
            "AWS_ACCESS_KEY_ID": platform["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": platform["secret_access_key"], **environment,
        }
        with program.ended_in_order(program.BINARY, "serve", "--local", **environment) as process:
            url = world.answering(process, f"http://127.0.0.1:{port}", "/readyz")
            made = subprocess.run(
                [program.BINARY, "api-key", "--local", "create", "--operator"],
                env={**program.INHERITED, **environment}, stdout=subprocess.PIPE, text=True, check=True)
            yield Caller(url, made.stdout.strip())


class Caller:
    """Somebody with a key of the service."""

    def __init__(self, url, key):
        self.url, self.key = url, key

    def ask(self, method, path, body=None, **headers):
        """Status, headers and body of the answer, which is JSON or server-sent events."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json", **headers}
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, read(answer)
        except urllib.error.HTTPError as error:
            return error.code, error.headers, read(error)

    def done(self, method, path, body=None, **headers):
        """The body of an answer that has to tell success."""
        status, _, told = self.ask(method, path, body, **headers)
        assert status < 300, f"{method} {path}: {status} {told}"
        return told

    def refused(self, method, path, body=None, **headers):
        """Status and code of a refusal."""
        status, answered, told = self.ask(method, path, body, **headers)
        assert answered["content-type"] == "application/problem+json", f"{method} {path}: {status} {told}"
        assert told["request_id"] == answered["x-request-id"]
        return status, told["code"]

    def tenant(self, ref):
        """For an operator: a tenant's admin."""
        self.done("PUT", f"/v1/tenants/by-ref/{ref}", {"name": ref})
        made = self.done("POST", "/v1/api-keys", {"name": "peers", "role": "admin"}, bi_tenant=ref)
        return Caller(self.url, made["api_key"])

    def tested(self, **entry):
        """How each step of a test went that is not as it should be: its status and code, by name."""
        report = self.done("POST", f"{BEDROCK}/test", entry)
        steps = report["steps"]
        wrong = {step["name"]: (step["status"], step.get("code")) for step in steps if step["status"] in BAD}
        assert report["ok"] == all(status != "failed" for status, _ in wrong.values())
        return wrong

    def saved(self, name, **entry):
        return self.done("POST", f"{BEDROCK}/connections", {"name": name, **entry})["connection"]

    def registered(self, connection, model, alias):
        body = {"connection_id": connection["id"], "models": [{"model_id": model, "alias": alias}]}
        return self.done("POST", "/v1/models", body)["items"][0]


BAD = {"warning", "failed"}


def read(answer):
    text = answer.read().decode()
    if answer.headers.get_content_type() != "text/event-stream":
        return json.loads(text) if text else None
    events = [dict(line.split(": ", 1) for line in event.splitlines()) for event in text.split("\n\n") if event]
    return [(event["event"], json.loads(event["data"])) for event in events]
