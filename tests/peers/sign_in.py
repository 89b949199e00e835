"""Cognito's SRP by two clients that others wrote. Each tells the ID token, or why there is none."""

import json
import os
import subprocess

import botocore.exceptions
import pycognito.exceptions
from pycognito.aws_srp import AWSSRP

import aws
import program

#: Where `run` installed the packages of package.json.
MODULES = os.path.abspath("target/peers/node_modules")


def by_pycognito(endpoint, region, pool, client, username, password, secret=None):
    srp = AWSSRP(
        username, password, pool, client, client_secret=secret, client=aws.client("cognito-idp", endpoint, region))
    try:
        return {"id_token": srp.authenticate_user()["AuthenticationResult"]["IdToken"]}
    except pycognito.exceptions.ForceChangePasswordException:
        return {"asked": "NEW_PASSWORD_REQUIRED"}
    except botocore.exceptions.ClientError as error:
        return {"refused": (error.response["Error"]["Code"], error.response["Error"]["Message"])}


def by_javascript(endpoint, region, pool, client, username, password):
    """AWS's own JavaScript knows no secrets of app clients."""
    asked = {"endpoint": endpoint, "pool": pool, "client": client, "username": username, "password": password}
    run = subprocess.run(
        ["node", "tests/peers/cognito.cjs"], env={**program.INHERITED, "NODE_PATH": MODULES},
        input=json.dumps(asked), capture_output=True, text=True, check=True)
    told = json.loads(run.stdout)
    if "error" in told:
        return {"refused": (told["error"]["code"], told["error"]["message"])}
    return {"asked": "NEW_PASSWORD_REQUIRED"} if "newPasswordRequired" in told else {"id_token": told["idToken"]}
