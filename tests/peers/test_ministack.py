"""The ways into an account, against an AWS that we did not write: the tests of `main.rs`, which take the code that real
requests take."""

import json
import os
import subprocess


def test_each_way_in_and_each_way_in_which_it_fails_is_what_we_say(told, capfd):
    command = ["cargo", "test", "-p", "acceptance", "--test", "peers"]
    environment = {**os.environ, "BI_PEERS_WORLD": json.dumps(told), "CARGO_TERM_COLOR": "never"}
    with capfd.disabled():
        run = subprocess.run(command, env=environment)
    assert run.returncode == 0
