"""What pages name by hand exists: options of commands, keys of the manifest, sheets and names."""

from __future__ import annotations

import re
from pathlib import Path

import click
import openpyxl
import pytest
from docs.generated import DOCS
from docs.pages import ROOT, pages
from docs.result_files import WITH_POOLS

import riskengine
from riskengine.cli import root
from riskengine.store.manifests import RUN_SHAPE

_OF_CLICK = {"--help", "--version"}
_SHOWN = ("total", "batteries", "gallium")  #: whose figures the page of workbooks names


def options(command: click.Command) -> set[str]:
    """All options of a command and of the commands below it."""
    found = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below is not None
            found |= options(below)
    return found


def test_every_option_that_a_page_names_exists() -> None:
    known = options(root) | _OF_CLICK
    seen = 0
    for page in pages():
        text = re.sub(r"^ *```.*?^ *```", "", (ROOT / page).read_text("utf-8"), flags=re.M | re.S)
        for span in re.findall(r"`([^`\n]+)`", text):
            if span.startswith(("--", "riskengine ")):
                named = re.findall(r"(?<![\w-])--[a-z][\w-]*", span)
                seen += len(named)
                assert set(named) <= known, f"{page}: {span}"
    assert seen > 100


@pytest.mark.parametrize("name", ["backtest", "calibrate", "convert", "sweep"])
def test_a_page_that_lists_the_options_of_its_command_has_all(name: str) -> None:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    text = (DOCS / f"{name}.md").read_text("utf-8")
    given = {option for option in options(command) if option.startswith("--")}
    assert {option for option in given if option not in text} == set()


def test_the_page_of_results_lists_every_key_of_the_manifest() -> None:
    page = (DOCS / "results.md").read_text("utf-8")
    table = page.split("\n## manifest.json\n")[1].split("\n\nThe manifest")[0]
    cells = [row.split(" | ")[0] for row in table.strip().splitlines()[2:]]
    listed = {key for cell in cells for key in re.findall("`(\\w+)`", cell)}
    assert listed == {key.removesuffix("?") for key in RUN_SHAPE}


@pytest.mark.whole
def test_the_page_of_workbooks_has_sheets_and_names_of_the_workbook(tmp_path: Path) -> None:
    scenario = riskengine.load({"extends": WITH_POOLS, "run": {"thresholds": [1000, 10_000]}})
    riskengine.simulate(scenario, trials=2_000, out=tmp_path / "run")
    book = openpyxl.load_workbook(tmp_path / "run" / "risk.xlsx", read_only=False)
    page = (DOCS / "workbook.md").read_text("utf-8")
    sheets, names = (
        page.split(head)[1].split("\n\n")[0].splitlines()[1:]
        for head in ("| sheet | answers |\n", "| name | figure |\n")
    )
    assert [row.split(" | ")[0].removeprefix("| ") for row in sheets] == book.sheetnames
    entities = ["total", *scenario.industries, *scenario.materials, *scenario.pools]
    ends = "|".join(re.sub("[^A-Za-z0-9]", "_", name) for name in entities)
    measures = {re.sub(f"_({ends})$", "", name) for name in book.defined_names}
    shown = {name for row in names for name in re.findall("`(\\w+)`", row.split(" | ")[0])}
    assert {re.sub(f"_({'|'.join(_SHOWN)})$", "", name) for name in shown} <= measures
