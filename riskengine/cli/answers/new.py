"""What `riskengine new` prints."""

from __future__ import annotations

import shlex
import textwrap
from pathlib import Path

from riskengine.config.sources.shipped import Shipped
from riskengine.errors import escaped
from riskengine.model.statuses import KNOWN
from riskengine.verbs.jobs.suppliers import FOLDER
from riskengine.verbs.new import BOOK, ImporterResult, TradeResult, cases

_WIDTH = 100


def case_list() -> str:
    """A line for each case."""
    width = max(len(each.name) for each in cases())
    return "\n".join(f"{each.name:{width}}  {each.about}" for each in cases())


def new_answer(config: Path, case: Shipped) -> str:
    """What was written, and the commands to give next."""
    lines = [f"{case.name}: {case.about}"]
    tables = [name for name in case.beside if not name.endswith(".toml")]
    if tables and config.suffix != BOOK:
        count = f"{len(tables)} table{'' if len(tables) == 1 else 's'}"
        lines.append(f"  {config.parent / 'tables'}: its {count}")
    worlds = [name for name in case.beside if name.endswith(".toml")]
    lines += [
        f"  {config.parent / 'worlds' / name}: its worlds, what could be true" for name in worlds
    ]
    opened = ", to open in Excel or LibreOffice" if config.suffix == BOOK else ""
    lines.append(f"  {config}: its config{opened}")
    told = shlex.quote(str(config))
    lines += ["", "Next:", f"  riskengine check {told}", f"  riskengine {case.verb} {told}"]
    return "\n".join(map(escaped, lines))


def importer_answer(made: ImporterResult) -> str:
    """What was written for an importer, what is borrowed or missing, and what to do next."""
    counts = ", ".join(f"{made.counts[s]} {s}" for s in KNOWN if made.counts.get(s))
    lines = [f"{made.config}: a scenario from trade data", f"  rows by status: {counts}"]
    lines += [f"  {made.config.parent / FOLDER}: who supplies what, as a page and a workbook"]
    lines += ["", "Assumed, borrowed or missing, and what it takes to replace it:"]
    for remark in made.remarks:
        lines += textwrap.wrap(remark, _WIDTH, initial_indent="  - ", subsequent_indent="    ")
    told = shlex.quote(str(made.config))
    lines += ["", "Next:", f"  riskengine check {told}", f"  riskengine run {told}"]
    return "\n".join(map(escaped, lines))


def update_answer(made: TradeResult) -> str:
    """What was made of files of the trade database, and how to use it."""
    years = ", ".join(map(str, made.years))
    lines = [
        f"{made.folder}: trade tables of {years}, {made.importers} economies, "
        f"{made.commodities} commodities, {made.codes} customs codes"
    ]
    lines += [
        line
        for remark in made.remarks
        for line in textwrap.wrap(remark, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    ]
    told = shlex.quote(str(made.folder))
    lines += ["", "Next:", f"  riskengine new germany --importer Germany --trade {told}"]
    return "\n".join(map(escaped, lines))
