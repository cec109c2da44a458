"""Workbooks, pages and answers of the shipped cases show what they showed, cell by cell.

A difference that is meant is written anew with a reason: `make shown REASON="..."`.
"""

from __future__ import annotations

import difflib
import re

import pytest

from tests.pinned.commands import SHOWN, Shown

pytestmark = pytest.mark.whole

KEPT = {path.name: path for path in sorted(SHOWN.glob("*.txt"))}


@pytest.fixture(scope="module")
def fresh(cases: Shown) -> dict[str, str]:
    return cases.texts


@pytest.mark.parametrize("name", KEPT)
def test_a_shipped_case_shows_what_it_showed(name: str, fresh: dict[str, str]) -> None:
    before, now = KEPT[name].read_text("utf-8"), fresh.get(name, "")
    difference = difflib.unified_diff(before.splitlines(), now.splitlines(), "before", "now", n=0)
    assert list(difference)[:40] == []


def test_nothing_is_shown_that_is_not_pinned(fresh: dict[str, str]) -> None:
    assert set(fresh) == set(KEPT)


@pytest.mark.parametrize("name", KEPT)
def test_a_trial_has_one_name(name: str) -> None:
    """The other one names a company in a source of the shipped case."""
    words = KEPT[name].read_text("utf-8")
    assert re.findall(r"(?<!posco-)\bfutures?\b", words, re.IGNORECASE) == []
