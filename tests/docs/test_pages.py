"""Every command and snippet of the pages does what its page shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs.outputs import agree
from docs.pages import KINDS, blocks, pages, steps
from docs.playing import played
from docs.unplayed import COMMANDS

PLAYED = [page for page in pages() if steps(page)]


@pytest.mark.whole
@pytest.mark.parametrize("page", PLAYED)
def test_commands_and_snippets_print_what_the_page_shows(page: str, tmp_path: Path) -> None:
    wrong = []
    for step, given, failed in played(page, tmp_path):
        place = f"{page}:{step.line or step.block.line}: {step.code.splitlines()[0]}"
        if step.shown is not None and not agree(step.shown, given):
            wrong.append("\n".join([f"{place}: prints", *given]))
        elif step.shown is None and failed:
            wrong.append("\n".join([f"{place}: fails", *given]))
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("page", pages())
def test_every_block_says_what_it_is(page: str) -> None:
    assert [block.place for block in blocks(page) if block.kind not in KINDS] == []


def test_exceptions_stand_in_a_page() -> None:
    commands = {(page, step.code) for page in pages() for step in steps(page)}
    for page, start in COMMANDS:
        assert any(of == page and code.startswith(start) for of, code in commands), start
