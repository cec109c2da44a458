"""The concentration report of a scenario: written where it is asked for, or beside a new config."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from riskengine.config import load
from riskengine.language.speaking import speaking
from riskengine.model.scenario import Scenario
from riskengine.reports.tables.table import Table
from riskengine.verbs.jobs.new_folder import write_files
from riskengine.verbs.output_files import put_files, refuse_results_folder

FOLDER = "concentration"  #: beside a config: a workbook in its own folder would look like another


class WrittenConcentration(NamedTuple):
    """Who supplies what, as tables and sentences, and the files that say so."""

    tables: list[Table]
    sentences: list[str]
    written: list[Path]


def write_concentration(scenario: Scenario, folder: str) -> WrittenConcentration:
    """Write the page and the workbook into a folder, over those of an earlier call.

    Raises
    ------
    UsageFault
        If the folder is one of results.
    RunFault
        If the files cannot be written.
    """
    from riskengine.economies.concentration import concentration
    from riskengine.reports.concentration.files import concentration_files
    from riskengine.reports.concentration.tables import sentences, tables

    refuse_results_folder(Path(folder), "a concentration report")
    found = concentration(scenario)
    with speaking(scenario.run.language):
        files = concentration_files(found)
    written = put_files(Path(folder), files)
    return WrittenConcentration(tables(found), list(sentences(found)), written)


def add_concentration(folder: Path, config: str, trade: str | None) -> None:
    """Write the report of a config into a folder of its own beside it.

    Parameters
    ----------
    folder : Path
        Has the config.
    config : str
        Its name there.
    trade : str or None
        A folder with trade tables; None: the shipped ones.

    Raises
    ------
    ConfigFault
        If the config is not valid.
    OSError
        If the files cannot be written.
    """
    from riskengine.economies.concentration import concentration
    from riskengine.economies.trade import read_trade
    from riskengine.reports.concentration.files import concentration_files

    tables = None if trade is None else read_trade(trade)
    scenario = load(folder / config)
    with speaking(scenario.run.language):
        files = concentration_files(concentration(scenario, tables))
    write_files(folder / FOLDER, files)
