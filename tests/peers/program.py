"""A program of this run, started with nothing but the environment it is given, and ended with the tests that need it."""

import contextlib
import json
import os
import signal
import subprocess
import threading

#: The service's binary, as cargo builds it.
BINARY = "target/debug/bedrock-integrations"
#: What every program needs of this machine's environment; above all none of its `AWS_*`.
INHERITED = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


@contextlib.contextmanager
def running(*command, stdout=subprocess.DEVNULL, **environment):
    """The program, until the block ends."""
    process = subprocess.Popen(command, env={**INHERITED, **environment}, stdout=stdout, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def ended_in_order(*command, stdout=subprocess.DEVNULL, **environment):
    """The same; then it is asked to end, and has to do so with success."""
    with running(*command, stdout=stdout, **environment) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            status = process.wait(30)
    assert status == 0, f"{command} ended with {status}"


@contextlib.contextmanager
def service(command, *arguments, **environment):
    """What a command of the service's binary tells in its line `ready`, until the block ends."""
    with ended_in_order(BINARY, command, *arguments, stdout=subprocess.PIPE, **environment) as process:
        ready = next((line for line in process.stdout if line.startswith("ready ")), None)
        assert ready, f"{command} did not get ready"
        # What else it says must not fill the pipe.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield json.loads(ready.removeprefix("ready "))
