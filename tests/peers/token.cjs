// Verifies a token with AWS's own JavaScript. Reads {token, jwks, issuer, audience} from its input and writes {claims} or
// {error: {name, message}}.
const { JwtVerifier } = require("aws-jwt-verify");
const { readFileSync } = require("node:fs");

const { token, jwks, issuer, audience } = JSON.parse(readFileSync(0, "utf8"));
const tell = (result) => console.log(JSON.stringify(result));

const verifier = JwtVerifier.create({ issuer, audience });
verifier.cacheJwks(jwks);
try {
  tell({ claims: verifier.verifySync(token) });
} catch (error) {
  tell({ error: { name: error.constructor.name, message: error.message } });
}
