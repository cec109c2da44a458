"""The pages say what the tables of the shipped cases say."""

from __future__ import annotations

import json

import pytest
from docs.figures import figures
from docs.kept import CASES
from docs.pages import ROOT
from docs.shipped import SHIPPED, Case, engine, provenance
from docs.written import PAGES, SENTENCES, TEMPLATES, filled, rendered, sentences


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_its_template_with_the_figures(name: str) -> None:
    template = (TEMPLATES / name).read_text("utf-8")
    assert (ROOT / PAGES[name]).read_text("utf-8") == rendered(template, figures()), "make figures"


@pytest.mark.parametrize("name", sorted(path.name for path in SENTENCES.glob("*.md")))
def test_a_page_says_its_figures(name: str) -> None:
    page = (ROOT / "docs" / name).read_text("utf-8")
    assert filled(page, sentences(name), figures()) == page, "make figures"


def test_a_sentence_is_filled_wherever_its_lines_break() -> None:
    page = "A mean of 12 in\n3 trials.\n| mean | 7 | 8 |\n"
    templates = ["mean of <<m>> in <<n>> trials", "| mean | <<m>> | <<w>> |"]
    found = filled(page, templates, {"m": "1,220", "n": "40", "w": "none"})
    assert found == "A mean of 1,220 in\n40 trials.\n| mean | 1,220 | none |\n"
    with pytest.raises(LookupError, match="stands 0 times"):
        filled(page, ["median of <<m>>"], {"m": "1"})
    with pytest.raises(LookupError, match="stands 2 times"):
        filled(page + page, templates, {"m": "1", "n": "2", "w": "3"})


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in SHIPPED])
def test_the_tables_are_those_of_the_shipped_configs(case: Case) -> None:
    known = json.loads((CASES / "provenance.json").read_text("utf-8"))
    assert known[case.name] == [engine(), provenance(case)], "make figures"


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 120
