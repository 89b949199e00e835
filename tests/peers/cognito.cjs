// Signs in to a user pool with AWS's own JavaScript. Reads {endpoint, pool, client, username, password} from its input and
// writes {idToken}, {newPasswordRequired: true} or {error: {code, message}}.
const { AuthenticationDetails, CognitoUser, CognitoUserPool } = require("amazon-cognito-identity-js");
const { readFileSync } = require("node:fs");

const asked = JSON.parse(readFileSync(0, "utf8"));
const tell = (result) => console.log(JSON.stringify(result));

const Pool = new CognitoUserPool({ UserPoolId: asked.pool, ClientId: asked.client, endpoint: asked.endpoint });
const user = new CognitoUser({ Username: asked.username, Pool });
user.authenticateUser(new AuthenticationDetails({ Username: asked.username, Password: asked.password }), {
  onSuccess: (session) => tell({ idToken: session.getIdToken().getJwtToken() }),
  newPasswordRequired: () => tell({ newPasswordRequired: true }),
  onFailure: ({ code, message }) => tell({ error: { code, message } }),
});
