"""What `riskengine new` prints."""

from __future__ import annotations

import shlex
from pathlib import Path

from riskengine.config.sources.shipped import Shipped
from riskengine.errors import escaped
from riskengine.verbs.new import BOOK, cases


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
