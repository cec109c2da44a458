"""README, the Korean case and the case study say what the tables of the shipped cases say."""

from __future__ import annotations

import json

import pytest
from docs.figures import CASES, figures
from docs.pages import ROOT
from docs.shipped import SHIPPED, Case, engine, provenance
from docs.written import PAGES, TEMPLATES, rendered


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_its_template_with_the_figures(name: str) -> None:
    template = (TEMPLATES / name).read_text("utf-8")
    assert (ROOT / PAGES[name]).read_text("utf-8") == rendered(template, figures()), "make figures"


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in SHIPPED])
def test_the_tables_are_those_of_the_shipped_configs(case: Case) -> None:
    known = json.loads((CASES / "provenance.json").read_text("utf-8"))
    assert known[case.name] == [engine(), provenance(case)], "make figures"


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 120
