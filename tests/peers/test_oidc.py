"""The service as an OpenID Connect issuer: a role that trusts it in an AWS that we did not write, and its tokens before
verifiers of others."""

import json
import subprocess

import jwt
import pytest

import aws
import program
import serving
import sign_in
import token_service
import world
from carried_out import deployed, pasted
from serving import BEDROCK

ROLE = {"method": "iam_role", "region": world.REGION}


@pytest.fixture(scope="module")
def sts(told):
    with token_service.before(told["url"]) as sts:
        yield sts


@pytest.fixture(scope="module")
def operator(told, sts):
    url, _ = sts
    with serving.serving(told, BI_AWS_ENDPOINT_URL_STS=url, BI_PUBLIC_URL="https://peers.example") as operator:
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


def reserved(caller):
    """A reservation by tokens: its id, its trust policy, and what that demands."""
    connected = caller.done("POST", f"{BEDROCK}/connect", {**ROLE, "federation": "oidc"})
    trust = connected["setup"]["trust_policy"]
    demanded = trust["Statement"][0]["Condition"]["StringEquals"]
    provider = next(iter(demanded)).rpartition(":")[0]
    return connected["connection"]["id"], trust, provider, demanded


def made(iam, name, trust, provider, demanded):
    """The provider and the role, as the setup kit says."""
    if not any(provider in it["Arn"] for it in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]):
        iam.create_open_id_connect_provider(
            Url=f"https://{provider}", ClientIDList=[demanded[f"{provider}:aud"]], ThumbprintList=["0" * 40])
    trust["Statement"][0]["Principal"]["Federated"] = f"arn:aws:iam::{world.CUSTOMER}:oidc-provider/{provider}"
    return world.role(iam, name, json.dumps(trust), world.allowing("bedrock:*", "sts:GetCallerIdentity"))


def test_a_role_that_trusts_the_issuer_is_connected_and_nobody_else_s(told, acme, umbrella, iam):
    connection, trust, provider, demanded = reserved(acme)
    entry = {**ROLE, "connection_id": connection}
    fields = {"role_arn": made(iam, "ByToken", trust, provider, demanded)}
    assert acme.tested(**entry, fields=fields, invoke={"model_id": told["model_id"]}) == {}
    saved = acme.saved("By token", **entry, fields=fields)
    assert (saved["state"], saved["access"]["federation"]) == ("healthy", "oidc")

    # Another tenant, whose issuer the account knows as well, and another access of the same tenant.
    other, trust, provider, demanded = reserved(umbrella)
    made(iam, "OfUmbrella", trust, provider, demanded)
    sibling, *_ = reserved(acme)
    denied = {"credentials": ("failed", "trust_policy_denied")}
    assert umbrella.tested(**ROLE, connection_id=other, fields=fields) == denied
    assert acme.tested(**ROLE, connection_id=sibling, fields=fields) == denied


def test_a_role_that_looks_at_the_audience_alone_is_found_out(acme, iam):
    connection, trust, provider, demanded = reserved(acme)
    del demanded[f"{provider}:sub"]
    fields = {"role_arn": made(iam, "AudienceAlone", trust, provider, demanded)}
    assert acme.tested(**ROLE, connection_id=connection, fields=fields) == {
        "external_id": ("failed", "external_id_not_enforced")}


def test_the_kits_of_two_accesses_of_a_tenant_share_its_provider_in_an_account(told, operator, iam, tmp_path):
    tenant = operator.tenant("sharing")
    kits = []
    for carry_out in [
        lambda kit: pasted(told, kit["aws_cli"]), lambda kit: deployed(told, tmp_path, kit["cloudformation"]),
        lambda kit: pasted(told, kit["aws_cli"]),
    ]:
        connected = tenant.done("POST", f"{BEDROCK}/connect", {**ROLE, "federation": "oidc"})
        [arn] = carry_out(connected["setup"])
        entry = {**ROLE, "connection_id": connected["connection"]["id"], "fields": {"role_arn": arn}}
        kits.append((entry, connected["setup"]["oidc"]["issuer"]))
    assert [tenant.tested(**entry) for entry, _ in kits] == [{}, {}, {}]
    [issuer] = {issuer for _, issuer in kits}
    providers = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert len([it for it in providers if it["Arn"].endswith(issuer.removeprefix("https://"))]) == 1


def by_javascript(**asked):
    run = subprocess.run(
        ["node", "tests/peers/token.cjs"], env={**program.INHERITED, "NODE_PATH": sign_in.MODULES},
        input=json.dumps(asked), capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_its_tokens_verify_with_what_it_publishes_and_for_its_tenant_alone(acme, umbrella, iam, sts):
    _, tokens = sts
    connection, trust, provider, demanded = reserved(acme)
    fields = {"role_arn": made(iam, "Verified", trust, provider, demanded)}
    tokens.clear()
    assert acme.tested(**ROLE, connection_id=connection, fields=fields) == {}
    # The second one is the probe, for another subject.
    token, probe = tokens
    discovery = acme.done("GET", f"/oidc/{provider.rpartition('/')[2]}/.well-known/openid-configuration")
    keys = acme.done("GET", "/oidc/jwks")
    issuer, audience = f"https://{provider}", demanded[f"{provider}:aud"]
    assert (discovery["issuer"], discovery["jwks_uri"]) == (issuer, "https://peers.example/oidc/jwks")

    header = jwt.get_unverified_header(token)
    key = jwt.PyJWKSet.from_dict(keys)[header["kid"]].key
    algorithms = discovery["id_token_signing_alg_values_supported"]
    verified = lambda token, **rules: jwt.decode(token, key, algorithms, options={
        "require": ["iss", "sub", "aud", "exp", "iat", "jti"]}, **rules)
    claims = verified(token, issuer=issuer, audience=audience)
    assert sorted(claims) == sorted(discovery["claims_supported"])
    assert claims["sub"] == demanded[f"{provider}:sub"]
    assert claims["exp"] - claims["iat"] == 300
    assert verified(probe, issuer=issuer, audience=audience)["sub"] != claims["sub"]

    told = by_javascript(token=token, jwks=keys, issuer=issuer, audience=audience)
    assert told == {"claims": claims}

    _, _, another, _ = reserved(umbrella)
    with pytest.raises(jwt.InvalidIssuerError):
        verified(token, issuer=f"https://{another}", audience=audience)
    refused = by_javascript(token=token, jwks=keys, issuer=f"https://{another}", audience=audience)
    assert refused["error"]["name"] == "JwtInvalidIssuerError"
