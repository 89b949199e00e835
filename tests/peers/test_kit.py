"""Setup kits, as `crates/setup/test-data` keeps them, read by AWS's and others' linters; and carried out: by the AWS CLI and by
CloudFormation in MiniStack, until the service connects with what they made."""

import fnmatch
import json
import pathlib
import re
import shutil
import subprocess
import urllib.parse

import hcl2
import pytest
from policy_sentry.querying.actions import get_action_data

import aws
import program
import serving
import world
from carried_out import deployed, made, pasted
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
    kits = [
        ("eu-west-1", "[ae][wu][-k]*"), ("us-gov-west-1", "us-gov-west-*"), ("us-gov-east-1", "us-gov-east-*"),
        ("us-iso-east-1", "us-iso-*"), ("eusc-de-east-1", "eusc-*"), ("cn-north-1", "cn-*-[ao]*"),
    ]
    for region, kits in kits:
        templates = [str(path) for path in KEPT.glob(f"{kits}/cloudformation.json")]
        if not region.startswith("cn-"):
            templates.append(str(KEPT / "published.json"))
        assert len(templates) > 1
        # Whose ARNs it takes for none.
        ignored = ["--ignore-checks=E3530"] if region.startswith(("us-iso", "eusc")) else []
        assert said_by(world.beside("cfn-lint"), "--regions", region, *ignored, "--template", *templates) == ""


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
def test_terraform_reads_the_policies_that_the_other_forms_have(kit):
    path = KEPT / kit / "terraform.tf"
    with path.open() as file:
        read = hcl2.load(file)
    documents = {name: document for name, document in of_kind(read["data"], "aws_iam_policy_document")}
    kept = json.loads((KEPT / kit / "permissions-policy.json").read_text())["Statement"]
    allowed = [(bare(it["actions"]), bare(it["resources"])) for it in documents["permissions"]["statement"]]
    assert allowed == [(it["Action"], as_list(it["Resource"])) for it in kept]
    users = [name for name, _ in of_kind(read["resource"], "aws_iam_user_policy_attachment")]
    roles = [name for name, _ in of_kind(read["resource"], "aws_iam_role_policy")]
    assert set(users + roles) == documents.keys() - {"trust"}
    # `terraform validate` needs AWS's provider, which no package registry has; `run` says aloud that this has not run.
    if shutil.which("terraform"):
        assert said_by("terraform", "fmt", "-check", "-diff", path) == ""


def of_kind(blocks, kind):
    """Name and content of each block of that kind."""
    for block in blocks:
        yield from ((bare([name])[0], it) for name, it in block.get(f'"{kind}"', {}).items())


def bare(texts):
    return [text.strip('"') for text in texts]


def as_list(resources):
    return [resources] if isinstance(resources, str) else resources


# The kits at work.


@pytest.fixture(scope="module")
def operator(told):
    url = "https://acme.s3.eu-central-1.amazonaws.com/bedrock.json"
    with serving.serving(told, BI_TEMPLATE_S3_URL=url) as operator:
        yield operator


@pytest.fixture(scope="module")
def acme(operator):
    return operator.tenant("acme")


@pytest.fixture
def stacks(told):
    return customer(told, "cloudformation")


def customer(told, service):
    return aws.client(service, told["url"], world.REGION, told["account_id"], "test")


def connected(caller, **more):
    """A reservation, and the kit for it."""
    told = caller.done("POST", f"{BEDROCK}/connect", {**ROLE, **more})
    return told["connection"], told["setup"]


def found(caller, connection, arn):
    return caller.tested(**ROLE, connection_id=connection["id"], fields={"role_arn": arn})


def test_a_stack_of_the_template_makes_a_role_that_works(told, acme, tmp_path):
    connection, kit = connected(acme)
    [arn] = deployed(told, tmp_path, kit["cloudformation"])
    assert found(acme, connection, arn) == {}
    entry = {**ROLE, "connection_id": connection["id"], "fields": {"role_arn": arn}}
    assert acme.saved("By stack", **entry)["state"] == "healthy"


def test_kits_of_two_tenants_stand_beside_each_other_in_one_account(told, operator, acme, stacks):
    roles = []
    for caller, name in [(acme, "OfAcme"), (operator.tenant("umbrella"), "OfUmbrella")]:
        connection, kit = connected(caller)
        outputs = made(stacks, name, kit["cloudformation"]["template"])
        roles.append((caller, connection, outputs["RoleArn"]))
    # Neither was replaced by the other.
    assert [found(*role) for role in roles] == [{}, {}]


def test_so_does_the_published_template_with_the_link_s_parameters(acme, stacks):
    connection, kit = connected(acme)
    link = urllib.parse.urlsplit(kit["cloudformation"]["quick_create_url"])
    asked = dict(urllib.parse.parse_qsl(link.fragment.partition("?")[2], strict_parsing=True))
    parameters = {key.removeprefix("param_"): value for key, value in asked.items() if key.startswith("param_")}
    outputs = made(stacks, asked["stackName"], published(), parameters.items())
    assert found(acme, connection, outputs["AssumedRoleArn"]) == {}


def published():
    return subprocess.run(
        [program.BINARY, "template"], env=program.INHERITED, stdout=subprocess.PIPE, text=True, check=True).stdout


def test_a_role_whose_condition_was_taken_out_is_found_out(acme, stacks):
    connection, kit = connected(acme)
    template = json.loads(kit["cloudformation"]["template"])
    del template["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
    outputs = made(stacks, "Careless", json.dumps(template))
    unenforced = {"external_id": ("failed", "external_id_not_enforced")}
    assert found(acme, connection, outputs["RoleArn"]) == unenforced


def test_the_commands_make_a_role_that_works(told, acme):
    connection, kit = connected(acme)
    [arn] = pasted(told, kit["aws_cli"])
    assert found(acme, connection, arn) == {}


def test_the_commands_make_pools_and_a_user_that_work(told, acme):
    entry = {"method": "cognito", "region": world.REGION}
    kit = acme.done("POST", f"{BEDROCK}/connect", entry)["setup"]
    fields = dict(line.split(": ", 1) for line in pasted(told, kit["aws_cli"]))
    assert acme.tested(**entry, fields=fields) == {}


def test_so_does_a_stack_with_pools(told, acme, tmp_path):
    entry = {"method": "cognito", "region": world.REGION}
    form = acme.done("POST", f"{BEDROCK}/connect", entry)["setup"]["cloudformation"]
    # MiniStack's CloudFormation makes no users of a pool, so a command does.
    template = json.loads(form["template"])
    user = template["Resources"].pop("User")["Properties"]["Username"]
    create = f"aws cognito-idp admin-create-user --user-pool-id \"$user_pool_id\" --username {user} >/dev/null\npassword="
    commands = form["aws_cli"].replace("password=", create, 1)
    lines = deployed(told, tmp_path, {**form, "template": json.dumps(template)}, commands)
    fields = dict(line.split(": ", 1) for line in lines)
    assert acme.tested(**entry, fields=fields) == {}


@pytest.mark.parametrize("form", ["commands", "stack"])
def test_a_user_for_a_key_may_use_it_and_thirty_chosen_models(told, acme, tmp_path, form):
    models = [f"amazon.nova-of-a-customer-number-{n}-v1:0" for n in range(30)]
    entry = {"method": "api_key", "region": world.REGION, "models": models}
    kit = acme.done("POST", f"{BEDROCK}/connect", entry)["setup"]
    # MiniStack makes no keys of Bedrock: the user is made, and what the key may is looked at.
    without_key = lambda commands: re.sub("(?m)^aws iam create-service-specific-credential.*$", "", commands)
    if form == "stack":
        deployed(told, tmp_path, kit["cloudformation"], without_key(kit["cloudformation"]["aws_cli"]))
    else:
        pasted(told, without_key(kit["aws_cli"]))
    [name] = set(re.findall(r"--user-name (BedrockIntegration-\w+)", kit["aws_cli"]))
    iam = customer(told, "iam")
    user = iam.get_user(UserName=name)["User"]["Arn"]
    assert len(iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]) == 2
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == []
    arn = f"arn:aws:bedrock:{world.REGION}::foundation-model/"
    assert all(allowed(iam, user, "bedrock:InvokeModel", arn + model) for model in models)
    assert not allowed(iam, user, "bedrock:InvokeModel", arn + "amazon.nova-pro-v1:0")
    assert allowed(iam, user, "bedrock:CallWithBearerToken", "*")


def allowed(iam, who, action, resource):
    told = iam.simulate_principal_policy(PolicySourceArn=who, ActionNames=[action], ResourceArns=[resource])
    return told["EvaluationResults"][0]["EvalDecision"] == "allowed"


def test_chosen_models_can_be_listed_and_nothing_else_be_invoked(told, acme, stacks):
    connection, kit = connected(acme, models=[told["model_id"]])
    outputs = made(stacks, "Chosen", kit["cloudformation"]["template"])
    assert found(acme, connection, outputs["RoleArn"]) == {}
    arn = f"arn:aws:bedrock:{world.REGION}::foundation-model/"
    may = lambda model: allowed(customer(told, "iam"), outputs["RoleArn"], "bedrock:InvokeModel", arn + model)
    assert may(told["model_id"]) and not may("amazon.nova-pro-v1:0")


@pytest.mark.parametrize("form", ["commands", "stack"])
def test_a_region_more_adds_what_it_may_and_takes_nothing_away(told, acme, stacks, tmp_path, form):
    connection, kit = connected(acme, models=[told["model_id"]])
    [role] = pasted(told, kit["aws_cli"])
    entry = {**ROLE, "connection_id": connection["id"], "fields": {"role_arn": role}}
    saved = acme.saved(f"First, {form}", **entry)
    there = {"region": "us-west-2", "access_id": saved["access"]["id"]}
    more, kit = connected(acme, models=["amazon.nova-pro-v1:0"], **there)
    if form == "stack":
        deployed(told, tmp_path, kit["cloudformation"])
    else:
        pasted(told, kit["aws_cli"])
    iam = customer(told, "iam")
    for arn in [
        f"arn:aws:bedrock:{world.REGION}::foundation-model/{told['model_id']}",
        "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0",
    ]:
        assert allowed(iam, role, "bedrock:InvokeModel", arn), arn
    assert acme.tested(method="iam_role", region="us-west-2", connection_id=more["id"]) == {}
