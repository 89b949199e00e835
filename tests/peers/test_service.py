"""The service's own API: PyJWT signs tokens as an identity provider would, and schemathesis reads openapi.yaml and sends what
it can think of."""

import datetime
import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import identity_provider
import program
import serving


@pytest.fixture(scope="module")
def provider():
    return identity_provider.IdentityProvider()


@pytest.fixture(scope="module")
def demo(provider):
    """The demo, which takes the provider's tokens."""
    environment = {
        "BI_LISTEN": "127.0.0.1:0", "BI_OPS_LISTEN": "127.0.0.1:0",
        "BI_JWT_ISSUER": provider.issuer, "BI_JWT_AUDIENCE": identity_provider.AUDIENCE,
    }
    with program.service("demo", **environment) as demo:
        yield demo


def status(demo, credential, method="GET", path="/v1/me", body=None):
    return serving.Caller(demo["url"], credential).ask(method, path, body)[0]


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "ES384", "EdDSA"])
def test_a_token_of_pyjwt_is_believed(provider, demo, algorithm):
    assert status(demo, provider.token(algorithm)) == 200


def test_a_token_that_is_a_little_wrong_is_not(provider, demo):
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)
    wrong = {
        "of another key": provider.token("ES256", key=ec.generate_private_key(ec.SECP256R1())),
        "for another audience": provider.token("ES256", aud="other"),
        "expired": provider.token("ES256", exp=past),
        "unsigned": provider.unsigned(role="admin"),
        "signed with a public key as the secret": provider.confused(role="admin"),
    }
    got = {what: status(demo, token) for what, token in wrong.items()}
    assert got == dict.fromkeys(wrong, 401)


def test_a_token_reaches_as_far_as_it_says(provider, demo):
    assert status(demo, provider.token("ES256", tenant="nobody")) == 403
    key = {"name": "x", "role": "viewer"}
    assert status(demo, provider.token("ES256"), "POST", "/v1/api-keys", key) == 403


# In this order: the operator may delete the tenant.
@pytest.mark.parametrize("role", ["nobody", "admin", "operator", "operator for a tenant"])
def test_no_request_makes_a_5xx_or_an_answer_that_openapi_does_not_describe(demo, role):
    command = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"), "--config-file=tests/peers/schemathesis.toml",
        "run", "openapi.yaml", f"--url={demo['url']}", "--max-examples=20", "--seed=1", "--no-color",
        "--checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        # Keys are revoked and sessions are of another credential: these would end the run's own.
        "--exclude-path=/v1/session",
    ]
    # Without a credential at all: a wrong one would be slowed after a hundred requests.
    if role != "nobody":
        key = demo["api_key" if role == "admin" else "operator_key"]
        command.append(f"--header=Authorization: Bearer {key}")
    if role == "operator for a tenant":
        command.append(f"--header=BI-Tenant: {demo['tenant']}")
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


def test_it_still_serves_after_all_that(demo):
    assert status(demo, demo["operator_key"]) == 200
