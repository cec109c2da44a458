"""The subject of figures that are requested by name: the total, an industry or a material."""

from __future__ import annotations

from collections.abc import Iterable

from riskengine.errors import UsageFault
from riskengine.figures.evidence import INDUSTRY, MATERIAL, TOTAL
from riskengine.model.scenario import Scenario
from riskengine.model.spelling import Speller


def subject_of(scenario: Scenario, industry: str | None, material: str | None) -> tuple[str, str]:
    """Scope and name, as in the columns of a table of figures; the name of the total is empty.

    Raises
    ------
    UsageFault
        If both are given, or there is no such industry or material.
    """
    if industry is not None and material is not None:
        raise UsageFault("give an industry or a material, not both")
    if industry is not None:
        return INDUSTRY, known("industry", industry, scenario.industries)
    if material is not None:
        return MATERIAL, known("material", material, scenario.materials)
    return TOTAL, ""


def known(kind: str, name: str, names: Iterable[str]) -> str:
    """The name, after a check that it exists.

    Raises
    ------
    UsageFault
        If the name does not exist; it suggests the nearest one.
    """
    there = list(names)
    if name in there:
        return name
    hint = Speller().suggest(name, there)
    raise UsageFault(f'there is no {kind} "{name}"' + (f"; {hint}" if hint else ""))
