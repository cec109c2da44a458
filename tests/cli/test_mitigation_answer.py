"""What a mitigation study prints: sentences and tables for people, one document for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from report.mitigation_worlds import FRONTIER, hostile, study, without_worlds
from report.workbook_worlds import NASTY

from riskengine.cli.answers.mitigate import mitigation_answer
from riskengine.cli.options import Printed
from riskengine.reports.mitigation.sentences import answer

FOLDER = Path("results/study-mitigation")
PEOPLE, QUIET = Printed(quiet=False, as_json=False), Printed(quiet=True, as_json=False)
JSON = Printed(quiet=False, as_json=True)


def test_people_read_the_answer_before_the_tables_and_the_folder_last() -> None:
    lines = mitigation_answer(study(), FOLDER, PEOPLE).split("\n")
    assert lines[0] == "What to buy for Korea"
    told = answer(study())
    assert lines[lines.index(told[0]) :][: len(told)] == told
    titles = [
        "What to buy with each budget, USD million (95 % interval)",
        "What each option does to TVaR 99 %, USD million (95 % interval)",
        "Finalists over 300 worlds, USD million",
        "What knowledge would be worth, USD million",
        "Please note:",
    ]
    places = [lines.index(title) for title in titles]
    assert places == sorted(places)
    assert lines.index(told[-1]) < places[0]
    assert lines[-2] == f"Tables: {FOLDER}"
    assert lines[-1].startswith(f"Open first: {FOLDER}/mitigation.xlsx (or mitigation.html")


def test_quiet_prints_the_folder_alone() -> None:
    assert mitigation_answer(study(), FOLDER, QUIET) == str(FOLDER)


def test_json_is_one_document_made_of_the_rows_without_nan() -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    found = json.loads(mitigation_answer(study(), FOLDER, JSON), parse_constant=refuse)
    assert [row["value"] for row in found["frontier"]] == [row.value for row in FRONTIER]
    assert found["frontier"][0]["rival_better"] is None
    assert [row["option"] for row in found["options"]] == [o.option for o in study().options]
    assert found["answer"] == answer(study())
    assert (found["schema_version"], found["folder"]) == (1, str(FOLDER))
    assert (found["nothing"]["portfolio"], found["nothing"]["tvar"]) == ("nothing", 22_700.0)
    assert (found["worlds"], found["level"], found["limits"]) == (300, 0.99, [])
    lengths = {name: len(found[name]) for name in ("interactions", "finalists", "information",
                                                   "beneficiaries", "notices")}  # fmt: skip
    assert lengths == {"interactions": 10, "finalists": 10, "information": 5, "beneficiaries": 2,
                       "notices": 1}  # fmt: skip
    alone = json.loads(mitigation_answer(without_worlds(), None, JSON))
    assert (alone["folder"], alone["finalists"]) == (None, [])


@pytest.mark.parametrize("printed", [PEOPLE, JSON])
def test_no_name_controls_a_terminal(printed: Printed) -> None:
    names = (*NASTY, "\x1b[31mred", "a\u202eb")
    text = mitigation_answer(hostile(names), FOLDER, printed)
    assert "\x1b" not in text
    assert "\u202e" not in text
