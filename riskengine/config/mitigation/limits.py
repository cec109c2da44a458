"""The limits that every portfolio must keep: `MEASURE [LEVEL] [industry NAME]` and a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from riskengine.config.schema.mitigation import HIGHEST_LEVEL
from riskengine.config.schema.scalars import Findings, Path, fraction_hint, quoted
from riskengine.model.confidence import DECIMALS
from riskengine.model.faults.tree import unknown
from riskengine.model.mitigation import AT_LEVEL, MEASURES, PROB_LOSS, Requirement

FORM = 'MEASURE [LEVEL] [industry NAME], such as "var 0.95" or "mean industry automobiles"'
LEVELS = f"a level above 0 and below 1, of at most {DECIMALS} decimals"

_INDUSTRY = re.compile(r"(?:^|\s)industry(?:\s|$)")
_NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?%?")


def read_limits(
    given: Mapping[str, Any], industries: Iterable[str], where: Path, findings: Findings
) -> tuple[Requirement, ...]:
    """The limits of a mitigation that are valid; faults of the others go to `findings`.

    Parameters
    ----------
    given : mapping
        Largest values by limit, typed.
    industries : iterable of str
        The names of the config's industries.
    where : tuple of str
        The path of the table.
    findings : Findings
    """
    known = list(industries)
    found: dict[tuple[str, float | None, str | None], Requirement] = {}
    for name, at_most in given.items():
        at = (*where, name)
        parsed = _parsed(name, known, at, findings)
        if parsed is None or not isinstance(at_most, float):
            continue
        if parsed in found:
            first = quoted(found[parsed].name)
            findings.add(at, f"is the same limit as {first}", "each limit once")
        elif parsed[0] == PROB_LOSS and at_most > 1.0:
            hint = fraction_hint(at_most, 1.0)
            findings.add(at, f"is {at_most:.12g}", "a number from 0 to 1 (probability)", hint)
        else:
            measure, level, industry = parsed
            found[parsed] = Requirement(
                name=name, measure=measure, level=level, industry=industry, at_most=at_most
            )
    return tuple(found.values())


def is_level(number: float) -> bool:
    """Whether a number is a confidence level."""
    return 0.0 < number <= HIGHEST_LEVEL and round(number, DECIMALS) == number


def _parsed(
    name: str, industries: list[str], where: Path, findings: Findings
) -> tuple[str, float | None, str | None] | None:
    """Measure, level and industry of a limit; None, after a fault is reported, if malformed."""
    head, *rest = _INDUSTRY.split(name, maxsplit=1)
    words = head.split()
    if not words or words[0] not in MEASURES:
        said = f"{quoted(words[0])} is no measure" if words else "names no measure"
        hint = findings.speller.suggest(words[0], MEASURES) if words else ""
        findings.add(where, said, f"{', '.join(MEASURES)}; {FORM}", hint)
        return None
    measure, levels = words[0], words[1:]
    level = _level(measure, levels, where, findings)
    industry = rest[0].strip() if rest else None
    if industry is not None and industry not in industries:
        if industry:
            findings.faults.append(
                unknown(where, industry, "industry", industries, findings.speller)
            )
        else:
            findings.add(where, "names no industry", FORM)
        return None
    return None if level is None else (measure, level or None, industry)


def _level(measure: str, words: list[str], where: Path, findings: Findings) -> float | None:
    """The level of a limit, 0 for a measure without levels; None after a fault is reported."""
    if len(words) > 1 or (words and not _NUMBER.fullmatch(words[0])):
        stray = words[0] if not _NUMBER.fullmatch(words[0]) else words[1]
        findings.add(where, f"has {quoted(stray)} after {measure}", FORM)
        return None
    if measure not in AT_LEVEL:
        if not words:
            return 0.0
        findings.add(where, f"gives a level, and {measure} has none", f"{measure} alone", "")
        return None
    if not words:
        findings.add(
            where, f"gives no level, and {measure} has one", LEVELS, f'such as "{measure} 0.95"'
        )
        return None
    number = float(words[0].rstrip("%"))
    if is_level(number) and "%" not in words[0]:
        return number
    findings.add(where, f"has the level {words[0]}", LEVELS, fraction_hint(number, 1.0))
    return None
