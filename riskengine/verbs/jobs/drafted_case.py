"""A draft of a scenario for an importer: asked for by names, written as a config or a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from riskengine.config.standalone import standalone
from riskengine.economies.drafting.cases import find_like
from riskengine.economies.drafting.draft import ScenarioDraft, draft_scenario
from riskengine.economies.drafting.request import DraftRequest
from riskengine.economies.names import find_economy
from riskengine.economies.trade import read_trade, shipped_trade
from riskengine.errors import RunFault, UsageFault
from riskengine.store import disk
from riskengine.verbs.jobs.conversion import BOOK, TOML, BookForm, is_same_config
from riskengine.verbs.jobs.new_folder import write_files
from riskengine.verbs.output_files import put_checked_file

PROPAGATION = "tables/propagation.csv"  #: named by no config, so that it stays beside a workbook


def drafted(
    importer: str,
    coercer: str,
    materials: Sequence[str] | None,
    like: str | None,
    trade: str | None,
) -> ScenarioDraft:
    """The draft for an importer.

    Parameters
    ----------
    importer, coercer : str
        Names or codes of economies.
    materials : sequence of str or None
        Materials of the case or commodities of the trade tables; None: all of the case.
    like : str or None
        The case to borrow from; None: that of the importer, or the first.
    trade : str or None
        A folder with trade tables; None: the shipped ones.

    Raises
    ------
    UsageFault
        If a name is wrong, the importer has no trade, or the coercer sells nothing.
    """
    if materials is not None:
        materials = [name.strip() for name in materials if name.strip()]
        if not materials:
            raise UsageFault("--materials names materials, separated by a comma, such as tungsten")
        materials = list(dict.fromkeys(materials))
    found = find_economy(importer)
    return draft_scenario(
        DraftRequest(
            importer=found,
            coercer=find_economy(coercer),
            case=find_like(like, found.code),
            trade=shipped_trade() if trade is None else read_trade(trade),
            materials=materials,
        )
    )


def write_draft(folder: Path, draft: ScenarioDraft, *, workbook: bool) -> None:
    """Write the files of a draft into an empty folder, as TOML and tables or as a workbook."""
    files = {f"{draft.name}{TOML}": draft.config.encode(), **draft.tables}
    write_files(folder, files)
    if workbook:
        _make_book(folder, draft)
        for name in files:
            if name != PROPAGATION:
                disk.remove(folder.joinpath(*name.split("/")))
        if PROPAGATION not in files:
            disk.remove(folder / "tables")


def _make_book(folder: Path, draft: ScenarioDraft) -> None:
    """Put the config into a workbook, and the list that stands on top of it into its notes."""
    head = "What is assumed, borrowed or missing here, and what it takes to replace it:"
    form, target = (
        BookForm([head, *(remark.text for remark in draft.remarks)]),
        str(folder / f"{draft.name}{BOOK}"),
    )
    read = standalone(str(folder / f"{draft.name}{TOML}"), form.name_of)
    with form.contents(read, draft.name) as contents:
        put = put_checked_file(
            target, contents, lambda path: is_same_config(path, read), replaces=False
        )
    if put is None:
        raise RunFault(f"{target} would not read back to the same config. Nothing was written.")
