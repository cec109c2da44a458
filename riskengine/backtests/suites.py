"""Reads the file of a suite into cases to simulate; reports all problems at once."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from riskengine.backtests.case_reading import CaseReader, file_beside
from riskengine.backtests.cases import Suite
from riskengine.backtests.copies import copies
from riskengine.backtests.suite_schema import SUITE
from riskengine.config.layers.assemble import safe_stem
from riskengine.config.layers.document import read_toml_file
from riskengine.config.schema.check import read
from riskengine.config.schema.resolve import plain
from riskengine.config.schema.scalars import Findings
from riskengine.config.sources.names import normalise
from riskengine.errors import ConfigFault, Fault, UsageFault
from riskengine.fits.episodes import EpisodeTable
from riskengine.fits.reading import read_episodes
from riskengine.model.faults.tree import Malformed, look_alikes, members
from riskengine.model.spelling import Speller


def load_suite(
    source: str | os.PathLike[str], cases: Sequence[str] = (), overrides: Sequence[str] = ()
) -> Suite:
    """Read a suite with the configs of its cases, and check all of it.

    Parameters
    ----------
    source : path
        The file of a suite, or a folder that holds one.
    cases : sequence of str
        Names of the cases wanted; all if empty.
    overrides : sequence of str
        `path=value` texts on top of every case, such as `run.trials=1000`.

    Raises
    ------
    UsageFault
        If a folder holds no suite or several, or a case does not exist.
    ConfigFault
        If the suite or a config is not valid; it holds every fault, with its place.
    """
    path = find_suite(os.fsdecode(source))
    file = read_toml_file(path, "suite")
    findings = Findings()
    data = normalise(file.document, findings.faults.append)
    tree = read(SUITE, data, (), findings)
    findings.faults += _look_alikes(tree)
    if isinstance(tree, Malformed) or findings.faults:
        raise ConfigFault(file.located(findings.faults))
    wanted = _wanted(cases, tree["cases"], path)
    first = (f"run.trials={tree['trials']}", f"run.seed={tree['seed']}")
    history, below = _history(tree["history"], path, findings)
    readers = [
        CaseReader(
            name=name,
            table=tree["cases"][name],
            document=data["cases"][name],
            suite_path=path,
            changes=(first, tuple(overrides)),
            history=history,
            findings=findings,
        )
        for name in wanted
    ]
    made = [(case, reader.layers) for reader in readers if (case := reader.read()) is not None]
    below += dict.fromkeys(fault for reader in readers for fault in reader.below)
    faults = [*file.located(findings.faults), *below]
    if faults:
        raise ConfigFault(faults)
    return Suite(
        title=tree["title"] or "Back-test",
        stem=safe_stem(os.path.basename(path)),
        cases={case.name: case for case, _ in made},
        copies=tuple(copies(made, os.path.dirname(path))),
        history=(history.name, history.sha256) if history else None,
        file=(file.name, file.sha256),
        note=str(plain(data.get("note", ""))),
    )


def _look_alikes(tree: Any) -> Iterator[Fault]:
    yield from look_alikes((("cases", name), name) for name in members(tree, "cases"))
    for name, case in members(tree, "cases").items():
        path = ("cases", name, "outcomes")
        yield from look_alikes(((*path, outcome), outcome) for outcome in members(case, "outcomes"))


def find_suite(source: str) -> str:
    """The file of a suite: the one named, or the only one in a folder.

    Raises
    ------
    UsageFault
        When a folder holds none, or several.
    """
    if not os.path.isdir(source):
        return source
    found = sorted(str(each) for each in Path(source).glob("*.toml") if _is_suite(each))
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageFault(f"{source} holds no suite: a .toml file with a table [cases]")
    raise UsageFault(f"{source} holds several suites; name one of: {', '.join(found)}")


def _is_suite(path: Path) -> bool:
    try:
        return isinstance(tomllib.loads(path.read_text("utf-8-sig")).get("cases"), dict)
    except (OSError, ValueError, RecursionError):
        return False  # reading the file later reports what is wrong with it


def _wanted(names: Sequence[str], known: Mapping[str, Any], path: str) -> list[str]:
    """Names of cases in the order of the suite.

    Raises
    ------
    UsageFault
        If a case does not exist, or the suite has no cases.
    """
    if not known:
        raise UsageFault(f"{path} has no cases")
    unknown = [name for name in names if name not in known]
    if unknown:
        hint = Speller().suggest(unknown[0], known)
        listed = f"It has: {', '.join(known)}"
        near = f"; {hint} {listed}" if hint else f". {listed}"
        raise UsageFault(f"--case {unknown[0]}: {path} has no such case{near}")
    return [name for name in known if not names or name in names]


def _history(
    reference: str, path: str, findings: Findings
) -> tuple[EpisodeTable | None, list[Fault]]:
    """The table of past episodes, and the faults inside it; None if there is no table."""
    place = ("history",)
    file = file_beside(path, reference, place, findings) if reference else ""
    if not file:
        return None, []
    try:
        table = read_episodes(file, date.max)
    except ConfigFault as error:
        return None, list(error.faults)
    if not table.has_dates:
        findings.add(
            place,
            "names a table without dates: nothing says which episodes were known on a day",
            "a table with start_date and end_date",
        )
    return table, []
