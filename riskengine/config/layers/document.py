"""A TOML file that is no config, such as a back-test suite or a batch: opened, parsed, located."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.config.layers.assembly import unreadable
from riskengine.config.layers.layers import Report, TextLayer
from riskengine.config.sources.files import Folder, UnreadableError, decode
from riskengine.config.toml.syntax import TomlError, parse, syntax_fault
from riskengine.errors import ConfigFault, Fault


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TomlFile:
    """A file that was read and is TOML; nothing in it is checked yet."""

    path: str  #: as messages name it
    folder: Folder  #: the folder that it lies in
    document: dict[str, Any]
    layer: TextLayer  #: knows the line of every key
    sha256: str

    @property
    def name(self) -> str:
        """The name of the file, without its folder."""
        return os.path.basename(self.path)

    def located(self, faults: Iterable[Fault]) -> list[Fault]:
        """Faults of the file with the lines that they are about, in order."""
        return located(list(faults), self.layer, self.path)


def read_toml_file(path: str, kind: str) -> TomlFile:
    """Read a file as TOML.

    Parameters
    ----------
    path : str
    kind : str
        What the file is, for messages: `suite`, `batch`.

    Raises
    ------
    ConfigFault
        If there is no such file, or it is not TOML.
    """
    if not path or "\0" in path:
        raise ConfigFault([Fault(path=(), found=f"the {kind} has no file name", allowed="a path")])
    shown, name = os.path.split(path)
    folder = Folder(root=os.path.realpath(shown or "."), shown=shown)
    text = ""
    try:
        file = folder.open_config(name)
        text = decode(file.data)
        document = parse(text)
    except UnreadableError as error:
        raise ConfigFault([unreadable(error, path)]) from None
    except TomlError as error:
        raise ConfigFault([syntax_fault(error, text, path)]) from None
    return TomlFile(
        path=path,
        folder=folder,
        document=document,
        layer=TextLayer(shown=path, text=text),
        sha256=hashlib.sha256(file.data).hexdigest(),
    )


def located(faults: Sequence[Fault], layer: TextLayer, shown: str) -> list[Fault]:
    """Faults of one file with the lines that they are about, in order."""
    report = Report(main=shown)
    for fault in faults:
        report.add(fault, [layer])
    return report.sorted()
