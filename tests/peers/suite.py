"""The real binary against peers that we did not write.

1. PyJWT signs tokens as an identity provider would; the service believes them, and none that is a little wrong.
2. schemathesis reads openapi.yaml and sends what it can think of as every role: no 5xx, and no answer that the document
   does not describe.
"""

import base64
import datetime
import hmac
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

PASSED = 0


def check(what, got, wanted):
    global PASSED
    if got != wanted:
        sys.exit(f"FAILED {what}: got {got!r}, wanted {wanted!r}")
    PASSED += 1
    print(f"ok {what}")


class IdentityProvider:
    """Discovery and keys over HTTP; the tokens are PyJWT's."""

    def __init__(self):
        self.keys = {
            "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "PS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "ES384": ec.generate_private_key(ec.SECP384R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        }
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                pages = {"/.well-known/openid-configuration": provider.discovery, "/jwks": provider.jwks}
                page = pages.get(self.path)
                self.send_response(200 if page else 404)
                self.end_headers()
                self.wfile.write(json.dumps(page() if page else {}).encode())

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def discovery(self):
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}

    def jwks(self):
        def jwk(algorithm, key):
            public = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
            return {**public, "kid": algorithm, "use": "sig", "alg": algorithm}

        return {"keys": [jwk(algorithm, key) for algorithm, key in self.keys.items()]}

    def token(self, algorithm, key=None, **claims):
        now = datetime.datetime.now(datetime.timezone.utc)
        usual = {
            "iss": self.issuer, "aud": "peers", "sub": "ada", "iat": now,
            "exp": now + datetime.timedelta(minutes=5), "tenant": "demo", "role": "viewer",
        }
        return jwt.encode({**usual, **claims}, key or self.keys[algorithm], algorithm, headers={"kid": algorithm})


def status(url, credential, method="GET", body=None):
    request = urllib.request.Request(url, method=method, data=body and json.dumps(body).encode())
    request.add_header("authorization", f"Bearer {credential}")
    request.add_header("content-type", "application/json")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def tokens(provider, url):
    me = f"{url}/v1/me"
    for algorithm in provider.keys:
        check(f"a token of PyJWT signed with {algorithm} is believed", status(me, provider.token(algorithm)), 200)
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)
    other = ec.generate_private_key(ec.SECP256R1())
    check("one of another key is not", status(me, provider.token("ES256", key=other)), 401)
    check("one for another audience is not", status(me, provider.token("ES256", aud="other")), 401)
    check("one that has expired is not", status(me, provider.token("ES256", exp=past)), 401)
    check("one of an unknown tenant is told so", status(me, provider.token("ES256", tenant="nobody")), 403)
    check("a viewer's token makes no key",
          status(f"{url}/v1/api-keys", provider.token("ES256"), "POST", {"name": "x", "role": "viewer"}), 403)
    unsigned = jwt.encode({"iss": provider.issuer, "aud": "peers", "sub": "ada", "tenant": "demo", "role": "admin"}, None, "none")
    check("an unsigned one is not", status(me, unsigned), 401)
    check("one signed with a public key as the secret is not", status(me, confused(provider)), 401)


def confused(provider):
    """A token whose HMAC key is the published RSA key, which PyJWT itself would not make."""
    encode = lambda part: base64.urlsafe_b64encode(part).rstrip(b"=")
    _, claims, _ = provider.token("RS256", role="admin").split(".")
    header = encode(json.dumps({"alg": "HS256", "kid": "RS256"}).encode())
    signed = header + b"." + claims.encode()
    public = provider.keys["RS256"].public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return (signed + b"." + encode(hmac.new(public, signed, "sha256").digest())).decode()


def fuzz(url, role, credential, tenant=None):
    command = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", "openapi.yaml", f"--url={url}",
        "--max-examples=40", "--seed=1", "--no-color",
        "--checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        # Keys are revoked and sessions are of another credential: these would end the run's own.
        "--exclude-path=/v1/session",
    ]
    # Without a credential at all: a wrong one would be slowed after a hundred requests.
    if credential:
        command.append(f"--header=Authorization: Bearer {credential}")
    if tenant:
        command.append(f"--header=BI-Tenant: {tenant}")
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        print(run.stdout[-6000:], run.stderr[-2000:])
    check(f"schemathesis as {role} finds nothing", run.returncode, 0)


def main(binary):
    provider = IdentityProvider()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
        "BI_LISTEN": "127.0.0.1:0", "BI_OPS_LISTEN": "127.0.0.1:0",
        "BI_JWT_ISSUER": provider.issuer, "BI_JWT_AUDIENCE": "peers",
    }
    service = subprocess.Popen([binary, "demo"], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        ready = next((line for line in service.stdout if line.startswith("ready ")), None)
        check("the demo gets ready", ready is not None, True)
        demo = json.loads(ready.removeprefix("ready "))
        tokens(provider, demo["url"])
        fuzz(demo["url"], "nobody", None)
        fuzz(demo["url"], "a tenant's admin", demo["api_key"])
        fuzz(demo["url"], "the operator", demo["operator_key"])
        fuzz(demo["url"], "the operator for a tenant", demo["operator_key"], demo["tenant"])
        # The tenant may be gone by now: the operator's own requests were among those made.
        check("and it still serves", status(f"{demo['url']}/v1/me", demo["operator_key"]), 200)
    finally:
        service.send_signal(signal.SIGINT)
        ended = service.wait(30)
    check("the demo ends in order", ended, 0)
    print(f"{PASSED} passed, 0 failed")


if __name__ == "__main__":
    main(sys.argv[1])
