"""Who cuts off whom: the shipped politics, and a dispute with the importer."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from riskengine.config.sources.shipped import PREFIX, by_name, case_files
from riskengine.economies.drafting.request import BORROWED, DraftRequest
from riskengine.economies.drafting.wording import Remark
from riskengine.errors import RunFault

FULL, LEVELS, CALM = "china-2026", "china-levels", "china-calm"
VALUATION_DATE = "2026-01-08"  #: time 0 of the shipped politics
_SPILL_OVER = ("spill-over-halt", "spill-over-boycott")
_TRUCE = "truce-lapses"


@dataclass(frozen=True, kw_only=True)
class Politics:
    """What the config extends, and what it says of disputes itself."""

    extends: str
    document: Mapping[str, Any]
    remarks: list[Remark]


def politics_of(request: DraftRequest) -> Politics:
    """The politics of a draft."""
    if not request.by_china:
        return _of_another_coercer(request)
    own = {"KOR": _of_korea, "JPN": _of_japan, "USA": _of_the_united_states}
    return own.get(request.importer.code, _of_a_third_country)(request)


def slug(name: str) -> str:
    """A name as part of the name of a dispute: small letters without accents, and dashes.

    >>> slug("Côte d'Ivoire"), slug("DR Congo")
    ('cote-d-ivoire', 'dr-congo')
    """
    plain = unicodedata.normalize("NFKD", name.replace("ı", "i")).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", plain.casefold()).strip("-")


def _of_korea(request: DraftRequest) -> Politics:
    return Politics(extends=PREFIX + FULL, document={}, remarks=[_seen()])


def _of_japan(request: DraftRequest) -> Politics:
    triggers = {_TRUCE: {"starts": "china-japan"}}
    return Politics(extends=PREFIX + FULL, document={"triggers": triggers}, remarks=[_seen()])


def _of_the_united_states(request: DraftRequest) -> Politics:
    """Their dispute is in the politics, in a truce; its rate is 0 there."""
    document = {
        "disputes": {"china-us": _as_calm(f"The truce is that of {FULL}.")},
        "triggers": {name: _redirected("china-us") for name in _SPILL_OVER},
    }
    return Politics(
        extends=PREFIX + FULL, document=document, remarks=[_borrowed_rate(request), _seen()]
    )


def _of_a_third_country(request: DraftRequest) -> Politics:
    """It takes the place of Korea: the same rate, and the same ways in which quarrels spread."""
    name = f"china-{slug(request.importer.name)}"
    document = {
        "disputes": {name: {**_between(request), **_as_calm()}},
        "triggers": {each: _redirected(name) for each in (*_SPILL_OVER, _TRUCE)},
    }
    return Politics(
        extends=PREFIX + FULL, document=document, remarks=[_borrowed_rate(request), _seen()]
    )


def _of_another_coercer(request: DraftRequest) -> Politics:
    name = f"{slug(request.coercer.name)}-{slug(request.importer.name)}"
    document = {"disputes": {name: {**_between(request), **_as_calm()}}}
    coercer = request.coercer.name
    return Politics(
        extends=PREFIX + LEVELS,
        document=document,
        remarks=[
            _borrowed_rate(request),
            Remark(
                f"politics: how deep and how long {coercer} cuts is China's habit (levels, "
                f"durations, coverage); no record of {coercer} is in the tables",
                "episodes of its own: riskengine calibrate, and levels of your own",
            ),
        ],
    )


def _between(request: DraftRequest) -> dict[str, Any]:
    return {"coercer": request.coercer.name, "target": request.importer.name}


@cache
def _calm() -> Mapping[str, Any]:
    """China against Korea in a calm year: its own rate and entry."""
    case = by_name(CALM)
    assert case is not None  # noqa: S101  (a test names every case)
    try:
        text = case_files(case)[case.file].decode("utf-8")
    except OSError as error:
        raise RunFault(f"this riskengine has lost its cases: {error}") from error
    found: Mapping[str, Any] = tomllib.loads(text)["disputes"]["china-korea"]
    return found


def _as_calm(also: str = "") -> dict[str, Any]:
    note = f"Rate and entry: those of China against Korea in {CALM}. {also}".strip()
    return {
        "rate_per_year": _calm()["rate_per_year"],
        "entry": dict(_calm()["entry"]),
        "status": BORROWED,
        "note": note,
    }


def _redirected(dispute: str) -> dict[str, Any]:
    note = f"Starts what it starts for Korea in {FULL}; probability and lag are those of Korea."
    return {"starts": dispute, "status": BORROWED, "note": note}


def _borrowed_rate(request: DraftRequest) -> Remark:
    coercer, importer = request.coercer.name, request.importer.name
    return Remark(
        f"politics: how often {coercer} cuts off {importer}, and how a quarrel next door spreads, "
        "is what the shipped politics say of China and Korea",
        "a rate of your own in [disputes], probabilities in [triggers]; riskengine calibrate "
        "counts episodes",
    )


def _seen() -> Remark:
    return Remark(
        f"politics: {PREFIX}{FULL}, as seen on 8 January 2026 (docs/data.md)",
        "active disputes, elapsed_days and lags, by what has happened since",
    )
