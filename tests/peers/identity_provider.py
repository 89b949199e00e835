"""An identity provider on loopback: discovery and keys over HTTP, and PyJWT's tokens."""

import base64
import datetime
import hmac
import http.server
import json
import threading

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

AUDIENCE = "peers"


class IdentityProvider:
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

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def discovery(self):
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}

    def jwks(self):
        def jwk(algorithm, key):
            public = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
            return {**public, "kid": algorithm, "use": "sig", "alg": algorithm}

        return {"keys": [jwk(algorithm, key) for algorithm, key in self.keys.items()]}

    def claims(self, **claims):
        now = datetime.datetime.now(datetime.timezone.utc)
        usual = {
            "iss": self.issuer, "aud": AUDIENCE, "sub": "ada", "iat": now,
            "exp": now + datetime.timedelta(minutes=5), "tenant": "demo", "role": "viewer",
        }
        return {**usual, **claims}

    def token(self, algorithm, key=None, **claims):
        return jwt.encode(self.claims(**claims), key or self.keys[algorithm], algorithm, headers={"kid": algorithm})

    def unsigned(self, **claims):
        return jwt.encode(self.claims(**claims), None, "none")

    def confused(self, **claims):
        """A token whose HMAC key is the published RSA key, which PyJWT itself would not make."""
        encode = lambda part: base64.urlsafe_b64encode(part).rstrip(b"=")
        _, claims, _ = self.token("RS256", **claims).split(".")
        header = encode(json.dumps({"alg": "HS256", "kid": "RS256"}).encode())
        signed = header + b"." + claims.encode()
        public = self.keys["RS256"].public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return (signed + b"." + encode(hmac.new(public, signed, "sha256").digest())).decode()
