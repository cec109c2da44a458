"""What `riskengine mitigate` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from riskengine.cli.answers.document import document, record, records
from riskengine.cli.answers.text import whole_text, written
from riskengine.cli.options import Printed
from riskengine.cli.streams import tables_text
from riskengine.errors import escaped
from riskengine.mitigation.readings import described
from riskengine.mitigation.tables import MitigationTables
from riskengine.reports.mitigation.sentences import answer
from riskengine.reports.mitigation.tables import mitigation_lines, mitigation_tables
from riskengine.reports.tables.numbers import significant, with_unit
from riskengine.store.mitigation import MITIGATION_PAGE, MITIGATION_WORKBOOK
from riskengine.verbs.mitigate import WrittenPortfolio


def mitigation_answer(tables: MitigationTables, folder: Path | None, printed: Printed) -> str:
    """The answer of a mitigation study, in the form that was asked for."""
    if printed.quiet:
        return str(folder)
    if printed.as_json:
        return _document(tables, folder)
    told = "\n".join(map(escaped, answer(tables)))
    body = "\n\n".join(filter(None, [told, tables_text(mitigation_tables(tables))]))
    last = written("Tables", folder, MITIGATION_WORKBOOK, MITIGATION_PAGE)
    return whole_text(mitigation_lines(tables), body, tables.notices, last)


def written_answer(written: WrittenPortfolio, printed: Printed) -> str:
    """What was written to a file, in the form that was asked for."""
    if printed.quiet:
        return written.file
    if printed.as_json:
        return document(**asdict(written))
    cost = with_unit(significant(written.cost), written.money)
    from_where = f"extends {written.extends}" if written.extends else "holds the whole config"
    lines = [
        f"{written.portfolio}, cost {cost}",
        f"Config: {written.file} ({from_where})",
        f"Next: riskengine run {written.file}",
    ]
    return "\n".join(map(escaped, lines))


def _document(tables: MitigationTables, folder: Path | None) -> str:
    """Everything but all portfolios and worlds, which are many: those are in the folder."""
    rows: dict[str, Sequence[Any]] = {
        "frontier": tables.frontier,
        "options": tables.options,
        "interactions": tables.interactions,
        "finalists": tables.finalists,
        "information": tables.information,
        "beneficiaries": tables.beneficiaries,
        "notices": tables.notices,
    }
    return document(
        **described(tables),
        folder=None if folder is None else str(folder),
        answer=answer(tables),
        nothing=record(tables.nothing),
        **{name: records(listed) for name, listed in rows.items()},
    )
