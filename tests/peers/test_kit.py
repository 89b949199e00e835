"""Setup kits, as `crates/setup/test-data` keeps them, read by AWS's and others' linters; and carried out: by the AWS CLI and by
CloudFormation in MiniStack, until the service connects with what they made."""

import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

import hcl2
import pytest
from policy_sentry.querying.actions import get_action_data

import aws
import program
import serving
import world
from serving import BEDROCK

KEPT = pathlib.Path("crates/setup/test-data")
KITS = sorted(path.name for path in KEPT.iterdir() if path.is_dir())
ROLE = {"method": "iam_role", "region": world.REGION}


def said_by(*command, **options):
    """What is wrong, as a program sees it."""
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    return "" if run.returncode == 0 else run.stdout + run.stderr


# Linters.


def test_cfn_lint_finds_nothing_wrong_with_a_template():
    # But for what China does not have: Bedrock, and Cognito's user pools.
    for region, kits in [("eu-west-1", "[ae]*"), ("us-gov-west-1", "us-gov-*"), ("cn-north-1", "cn-*-[ao]*")]:
        templates = [str(path) for path in KEPT.glob(f"{kits}/cloudformation.json")]
        if not region.startswith("cn-"):
            templates.append(str(KEPT / "published.json"))
        assert len(templates) > 1
        assert said_by(world.beside("cfn-lint"), "--regions", region, "--template", *templates) == ""


@pytest.mark.parametrize("kit", KITS)
def test_policies_name_actions_of_aws_and_resources_that_these_are_done_to(kit):
    for path in (KEPT / kit).glob("*-policy.json"):
        for statement in json.loads(path.read_text())["Statement"]:
            for action in statement["Action"]:
                service, name = action.split(":")
                rows = get_action_data(service, name)
                assert rows, f"{action} of {path}"
                patterns = [as_pattern(row["resource_arn_format"]) for row in rows[service]]
                for resource in named(statement.get("Resource", "*")):
                    assert any(fnmatch.fnmatch(resource, pattern) for pattern in patterns), f"{action} on {resource}"


def named(resources):
    """The resources of a statement that are not all."""
    return [] if resources == "*" else resources


def as_pattern(arn):
    """`arn:${Partition}:bedrock:${Region}::foundation-model/${ResourceId}`, to be matched."""
    return re.sub(r"\$\{\w+\}", "*", arn)


@pytest.mark.parametrize("kit", KITS)
def test_commands_are_good_bash(kit):
    for path in (KEPT / kit).glob("*.sh"):
        assert said_by("bash", "-n", path) == ""
        # An external ID may look like something that would be expanded elsewhere.
        assert said_by(world.beside("shellcheck"), "--shell=bash", "--exclude=SC2016", path) == ""


@pytest.mark.parametrize("kit", KITS)
def test_terraform_reads_the_resources(kit):
    path = KEPT / kit / "terraform.tf"
    with path.open() as file:
        assert {"resource", "data", "output"} <= hcl2.load(file).keys()
    # `terraform validate` needs AWS's provider, which no package registry has.
    if shutil.which("terraform"):
        assert said_by("terraform", "fmt", "-check", "-diff", path) == ""


# The kits at work.


@pytest.fixture(scope="module")
def acme(told):
    url = "https://acme.s3.eu-central-1.amazonaws.com/bedrock.json"
    with serving.serving(told, BI_TEMPLATE_S3_URL=url) as operator:
        yield operator.tenant("acme")


@pytest.fixture
def stacks(told):
    return aws.client("cloudformation", told["url"], world.REGION, told["account_id"], "test")


def made(stacks, name, template, parameters=()):
    """What a stack tells once it is made, by name."""
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters]
    stacks.create_stack(
        StackName=name, TemplateBody=template, Parameters=parameters, Capabilities=["CAPABILITY_NAMED_IAM"])
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    [stack] = stacks.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def renamed(name, text):
    """One account has one role of a name."""
    return text.replace("BedrockIntegration", name)


def found(caller, connected, arn):
    entry = {**ROLE, "connection_id": connected["connection"]["id"], "fields": {"role_arn": arn}}
    return caller.tested(**entry)


def test_a_stack_of_the_template_makes_a_role_that_works(acme, stacks):
    connected = acme.done("POST", f"{BEDROCK}/connect", ROLE)
    template = renamed("ByStack", connected["setup"]["cloudformation"]["template"])
    outputs = made(stacks, "ByStack", template)
    assert found(acme, connected, outputs["RoleArn"]) == {}
    entry = {**ROLE, "connection_id": connected["connection"]["id"], "fields": {"role_arn": outputs["RoleArn"]}}
    assert acme.saved("By stack", **entry)["state"] == "healthy"


def test_so_does_the_published_template_with_the_link_s_parameters(acme, stacks):
    connected = acme.done("POST", f"{BEDROCK}/connect", ROLE)
    link = urllib.parse.urlsplit(connected["setup"]["cloudformation"]["quick_create_url"])
    asked = urllib.parse.parse_qsl(link.fragment.partition("?")[2], strict_parsing=True)
    parameters = {key.removeprefix("param_"): value for key, value in asked if key.startswith("param_")}
    published = subprocess.run(
        [program.BINARY, "template"], env=program.INHERITED, stdout=subprocess.PIPE, text=True, check=True).stdout
    outputs = made(stacks, "ByLink", published, {**parameters, "Name": "ByLink"}.items())
    assert found(acme, connected, outputs["AssumedRoleArn"]) == {}


def test_a_role_whose_condition_was_taken_out_is_found_out(acme, stacks):
    connected = acme.done("POST", f"{BEDROCK}/connect", ROLE)
    template = json.loads(renamed("Careless", connected["setup"]["cloudformation"]["template"]))
    del template["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
    outputs = made(stacks, "Careless", json.dumps(template))
    unenforced = {"external_id": ("failed", "external_id_not_enforced")}
    assert found(acme, connected, outputs["RoleArn"]) == unenforced


def pasted(told, name, commands):
    """What commands say that are pasted into a shell of the customer's."""
    environment = {
        **program.INHERITED, "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": told["url"], "AWS_ACCESS_KEY_ID": told["account_id"], "AWS_SECRET_ACCESS_KEY": "test",
    }
    run = subprocess.run(
        ["bash"], input=renamed(name, commands), env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_commands_make_a_role_that_works(told, acme):
    connected = acme.done("POST", f"{BEDROCK}/connect", ROLE)
    arn = pasted(told, "ByCommand", connected["setup"]["aws_cli"]).strip()
    assert found(acme, connected, arn) == {}


def test_the_commands_make_pools_and_a_user_that_work(told, acme):
    entry = {"method": "cognito", "region": world.REGION}
    kit = acme.done("POST", f"{BEDROCK}/connect", entry)["setup"]
    lines = pasted(told, "Pools", kit["aws_cli"]).splitlines()
    fields = dict(line.split(": ", 1) for line in lines)
    assert acme.tested(**entry, fields=fields) == {}


def test_chosen_models_can_be_listed_and_nothing_else_be_invoked(told, acme, stacks):
    connected = acme.done("POST", f"{BEDROCK}/connect", {**ROLE, "models": [told["model_id"]]})
    outputs = made(stacks, "Chosen", renamed("Chosen", connected["setup"]["cloudformation"]["template"]))
    assert found(acme, connected, outputs["RoleArn"]) == {}
    iam = aws.client("iam", told["url"], world.REGION, told["account_id"], "test")
    allowed = lambda model: iam.simulate_principal_policy(
        PolicySourceArn=outputs["RoleArn"], ActionNames=["bedrock:InvokeModel"],
        ResourceArns=[f"arn:aws:bedrock:{world.REGION}::foundation-model/{model}"],
    )["EvaluationResults"][0]["EvalDecision"] == "allowed"
    assert allowed(told["model_id"]) and not allowed("amazon.nova-pro-v1:0")
