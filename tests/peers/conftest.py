"""What several files of tests share: each of them is started once."""

import pytest

import world


@pytest.fixture(scope="session")
def told():
    with world.started() as told:
        yield told
