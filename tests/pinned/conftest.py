"""The shipped cases, run once for all tests of what they show."""

from __future__ import annotations

import pytest

from tests.pinned.commands import Shown


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return Shown(tmp_path_factory.mktemp("shown"))
