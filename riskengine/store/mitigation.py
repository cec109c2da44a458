"""The files of a mitigation study: results while it runs, then the folder with its tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from riskengine.mitigation.readings import described
from riskengine.mitigation.tables import (
    BeneficiaryRow,
    FinalistRow,
    FrontierRow,
    InformationRow,
    InteractionRow,
    MitigationTables,
    OptionRow,
    PortfolioRow,
    RegretRow,
)
from riskengine.store.faults import explained
from riskengine.store.folder import MITIGATION_FORMAT
from riskengine.store.manifests import FORMAT_VERSIONS
from riskengine.store.provenance import Provenance, machine, versions
from riskengine.store.results import bytes_writer
from riskengine.store.sheets import to_csv
from riskengine.store.streams import Writer
from riskengine.store.work import WorkFolder

FRONTIER, OPTIONS, INTERACTIONS = "frontier.csv", "options.csv", "interactions.csv"
PORTFOLIOS, BENEFICIARIES = "portfolios.csv", "beneficiaries.csv"
REGRET, FINALISTS, INFORMATION = "regret.csv", "finalists.csv", "information.csv"
MITIGATION_WORKBOOK, MITIGATION_PAGE = "mitigation.xlsx", "mitigation.html"


class MitigationWork(WorkFolder):
    """The results of one mitigation study, by name: portfolios and worlds that were played."""

    job, part = "mitigation study", "block"
    _identity_name, _prefix = "mitigation.json", "block-"

    def find(self, name: str) -> Any:
        """The result of a name; None if it is not kept, or damaged."""
        content = self._read(f"{self._prefix}{name}", self._own)
        with suppress(ValueError, RecursionError):
            return None if content is None else json.loads(content)
        return None

    def keep(self, name: str, result: Any) -> None:
        """Keep a result.

        Raises
        ------
        RunFault
            If it cannot be written; earlier results stay.
        """
        with explained(self._target):
            self._write(f"{self._prefix}{name}", json.dumps(result).encode(), self._own)


def mitigation_files(tables: MitigationTables, *, excel_csv: bool) -> dict[str, Writer]:
    """The writers of all tables, by file name.

    Parameters
    ----------
    tables : MitigationTables
    excel_csv : bool
        Whether to write a byte-order mark and CRLF, so that a double click opens them in Excel.

    Returns
    -------
    dict
        `REGRET`, `FINALISTS` and `INFORMATION` only if there are worlds.
    """
    parts: dict[str, tuple[type[Any], Sequence[Any]]] = {
        FRONTIER: (FrontierRow, tables.frontier),
        OPTIONS: (OptionRow, tables.options),
        INTERACTIONS: (InteractionRow, tables.interactions),
        PORTFOLIOS: (PortfolioRow, tables.portfolios),
        BENEFICIARIES: (BeneficiaryRow, tables.beneficiaries),
    }
    if tables.worlds:
        parts |= {
            REGRET: (RegretRow, tables.regret),
            FINALISTS: (FinalistRow, tables.finalists),
            INFORMATION: (InformationRow, tables.information),
        }
    return {
        name: bytes_writer(to_csv(row_type, rows, excel=excel_csv))
        for name, (row_type, rows) in parts.items()
    }


def mitigation_facts(
    tables: MitigationTables,
    provenance: Provenance,
    *,
    files: Sequence[tuple[str, str]],
    document: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest without the format and the list of files.

    Parameters
    ----------
    tables : MitigationTables
    provenance : Provenance
    files : sequence of (str, str)
        Name and SHA-256 of every file that was read, the config first.
    document : mapping
        The resolved config.
    """
    return {
        "format_version": FORMAT_VERSIONS[MITIGATION_FORMAT],
        **described(tables),
        "started": provenance.started,
        "seconds": provenance.seconds,
        "versions": versions(),
        "platform": machine(),
        "config_files": [{"name": name, "sha256": sha} for name, sha in files],
        "overrides": list(provenance.overrides),
        "options": dict(provenance.options),
        "notices": [asdict(notice) for notice in tables.notices],
        "config": dict(document),
    }
