"""What a customer does with a setup kit: commands pasted into a shell, and stacks."""

import os
import subprocess
import sys

import program


def pasted(told, commands, folder=None):
    """What commands say that are pasted into a shell of the customer's, line by line."""
    environment = {
        **program.INHERITED, "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": told["url"], "AWS_ACCESS_KEY_ID": told["account_id"], "AWS_SECRET_ACCESS_KEY": "test",
    }
    run = subprocess.run(["bash"], input=commands, env=environment, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def deployed(told, folder, form, commands=None):
    """What the commands say that come with a template, once it is saved as they expect."""
    (folder / form["file_name"]).write_text(form["template"])
    lines = pasted(told, commands or form["aws_cli"], folder)
    # How it went comes before.
    end = next(n for n, line in enumerate(lines) if line.startswith("Successfully created"))
    return lines[end + 1:]


def made(stacks, name, template, parameters=()):
    """What a stack tells once it is made, by name."""
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters]
    stacks.create_stack(
        StackName=name, TemplateBody=template, Parameters=parameters, Capabilities=["CAPABILITY_NAMED_IAM"])
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    [stack] = stacks.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
