"""A copy of a workbook that is a config, with its faults at their cells."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from riskengine.config.sources.files import Folder, UnreadableError
from riskengine.config.sources.grids import split_reference
from riskengine.errors import Fault, RunFault, UsageFault, format_path
from riskengine.reports.inputs.marking import Message, marked_copy
from riskengine.verbs.output_files import put_checked_file

BOOKS = (".xlsx", ".xlsm")


class AnnotatedCopy(NamedTuple):
    """A copy that was written."""

    file: str
    marked: int  #: cells
    elsewhere: int  #: faults of other files, which are not in it
    lost: tuple[str, ...]  #: what the copy does not have


def check_annotated(config: str, file: str) -> None:
    """Refuse a copy that cannot be written, before anything is read.

    Raises
    ------
    UsageFault
        When the config is no workbook, or the copy has another ending or is there already.
    """
    ending = os.path.splitext(config)[1].lower()
    if ending not in BOOKS:
        raise UsageFault(
            f"{config} is no workbook, and --annotate marks the cells of one: the messages of "
            "riskengine check name every line of a TOML file."
        )
    if os.path.splitext(file)[1].lower() != ending:
        raise UsageFault(f"{file} must end in {ending}, as the workbook does.")
    if os.path.lexists(file):
        raise UsageFault(f"{file} is there already, and is not replaced: choose another file.")


def annotated_copy(config: str, file: str, faults: Sequence[Fault]) -> AnnotatedCopy:
    """Write a copy of a workbook in which every faulty cell is marked and carries its message.

    Raises
    ------
    UsageFault
        When there is a file of that name already.
    RunFault
        When the workbook cannot be copied, or the copy not be written.
    """
    own = [message for fault in faults if (message := _message(config, fault))]
    ending = os.path.splitext(config)[1].lower()
    folder, name = os.path.split(config)
    try:
        data = Folder(root=os.path.realpath(folder or ".")).open_config(name).data
    except UnreadableError as error:
        raise RunFault(f"{config} cannot be copied: {error.found}") from None
    copy = marked_copy(data, own, has_macros=ending == ".xlsm")
    put_checked_file(file, [copy.data], lambda _: True)
    return AnnotatedCopy(file, copy.marked, len(faults) - len(own), copy.lost)


def _message(config: str, fault: Fault) -> Message | None:
    """The message of a fault of the workbook itself; None for one of another file."""
    name, sheet = split_reference(fault.file)
    if os.path.normpath(name) != os.path.normpath(config):
        return None
    path = format_path(fault.path)
    lines = [f"{path}: {fault.found}" if path else fault.found]
    lines += [f"allowed: {fault.allowed}"] if fault.allowed else []
    lines += [fault.hint] if fault.hint else []
    return Message(sheet or "", fault.cell, "\n".join(lines))
