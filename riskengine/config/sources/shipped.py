"""The cases and fragments that come with riskengine, by name.

They lie in `riskengine/cases/` of an installed package, and in `configs/` beside the package of a
source tree. What a config extends as `riskengine:NAME` is read there, and nothing else of it.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass

PREFIX = "riskengine:"  #: of the name of a shipped config, and of every file read there

_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
_ROWS = ("materials", "sources", "alternatives", "stocks", "industries", "uses")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A config that comes with riskengine."""

    name: str
    file: str  #: within the shipped folder
    about: str  #: one line
    beside: tuple[str, ...] = ()  #: files that it names itself, as it names them
    can_begin: bool = True  #: whether `riskengine new` writes it: a fragment alone cannot run
    can_extend: bool = True  #: whether a config may extend it by its name
    alias: str = ""  #: another name that finds it
    folder: str = ""  #: of its own, within the shipped folder

    @property
    def verb(self) -> str:
        """The verb that plays it."""
        first = self.name.partition("-")[0]
        return {"sweep": "sweep", "mitigation": "mitigate"}.get(first, "run")

    @property
    def own_name(self) -> str:
        """The name of its file where its folder is not that of the shipped ones."""
        return posixpath.relpath(self.file, self.folder or ".")

    def shipped(self, beside: str) -> str:
        """A file beside it, within the shipped folder."""
        return posixpath.join(self.folder, beside)


def _tables(case: str) -> tuple[str, ...]:
    return tuple(f"tables/{case}-{rows}.csv" for rows in _ROWS)


def _uses(country: str, *ends: str) -> tuple[str, ...]:
    return tuple(f"tables/{country}-uses{end}.csv" for end in ends)


def _fragment(name: str, about: str) -> Shipped:
    return Shipped(name=name, file=f"politics/{name}.toml", about=about, can_begin=False)


def _case(name: str, about: str, beside: tuple[str, ...] = ()) -> Shipped:
    return Shipped(name=name, file=f"{name}.toml", about=about, beside=beside)


def _importer(importer: str, about: str, *offered: str, name: str = "", alias: str = "") -> Shipped:
    """What `riskengine new --importer` writes; `offered` tables are there to be switched on."""
    beside = tuple(f"tables/{rows}.csv" for rows in (*_ROWS, *offered))
    folder = f"importers/{importer}"
    file, name = f"{folder}/{importer}.toml", name or importer
    return Shipped(name=name, file=file, about=about, beside=beside, alias=alias, folder=folder)


def _study(name: str, about: str, beside: tuple[str, ...] = ()) -> Shipped:
    """A sweep or a mitigation of another case."""
    file = f"{name}.toml"
    return Shipped(name=name, file=file, about=about, beside=beside, can_extend=False)


SHIPPED = (
    _case("minimal", "one material, one industry, every line explained"),
    _case("company", "one company: its plants, suppliers and stocks", _tables("company")),
    _case("korea-2026", "Korea after the ban on Japan of January 2026", _tables("korea")),
    _case("japan-2026", "Japan under the ban of January 2026", _tables("japan")),
    _case(
        "korea-japan-2026",
        "both in one scenario: Japan under the ban, Korea's fate open, shared supply",
        ("tables/korea-japan-pools.csv", "tables/korea-japan-alternatives.csv"),
    ),
    _importer("germany", "what `new --importer` writes: Germany", "propagation"),
    _importer("united-states", "the same: the United States", "propagation"),
    _importer("india", "the same: India", "propagation"),
    _importer("taiwan", "the same: Taiwan", "propagation"),
    _importer("european-union", "the same: the European Union as one importer", alias="eu"),
    _importer("korea", "the same: Korea, sources from trade", "propagation", name="korea-trade"),
    _importer("japan", "the same: Japan, sources from trade", "propagation", name="japan-trade"),
    _case("korea-baseline", "Korea, a year without a ban at the start", _tables("korea")),
    _study("sweep-korea-stockpiles", "sweep: what two stocks would be worth to Korea"),
    _study(
        "sweep-korea-assumptions",
        "sweep: which assumption carries the answer for Korea",
        _uses("korea", "-low", "", "-high"),
    ),
    _study(
        "sweep-japan-full-stop",
        "sweep: a year without Chinese minerals, one assumption at a time",
        (
            *_uses("japan", "-low", "-high", "-exposure"),
            "tables/no-stocks.csv",
            "tables/no-alternatives.csv",
        ),
    ),
    _study(
        "sweep-korea-rival",
        "sweep: what Japan costs Korea through the market alone",
        ("tables/korea-alone-in-pools.csv",),
    ),
    _study(
        "mitigation-korea-2026",
        "mitigation: what Korea should buy with a budget",
        ("mitigation-korea-worlds.toml",),
    ),
    _study(
        "mitigation-japan-2026",
        "mitigation: what Japan should buy with a budget",
        ("mitigation-japan-worlds.toml",),
    ),
    _fragment("china-2026", "the politics since January 2026: levels, disputes, how they spread"),
    _fragment("china-calm", "China and Korea without a ban at the start: levels, one dispute"),
    _fragment("china-levels", "levels, durations and correlations alone: add your own disputes"),
)


def by_name(name: str) -> Shipped | None:
    """The shipped config with a name; None if there is none."""
    return next((each for each in SHIPPED if name and name in (each.name, each.alias)), None)


def extendable() -> list[str]:
    """Names of what a config may extend, fragments first."""
    known = [each for each in SHIPPED if each.can_extend]
    return [each.name for each in sorted(known, key=lambda each: each.can_begin)]


def case_files(case: Shipped, ending: str = ".toml") -> dict[str, bytes]:
    """The files of a case in a folder of its own: its config first, then those beside it.

    What the config extends or has as a part, as a file where it is shipped, it names as shipped,
    so that it is the only config in its folder. Worlds of a mitigation stand in `worlds/` and
    extend it.

    Parameters
    ----------
    case : Shipped
    ending : str
        Of the file of the config that worlds extend, .toml or .xlsx.

    Raises
    ------
    OSError
        If the shipped files are not there.
    """
    config = _read(case.file)
    for each in SHIPPED:
        for naming in (_extends, _part):
            config = config.replace(naming(each.file), naming(PREFIX + each.name))
    files = {case.own_name: config}
    for name in case.beside:
        text = _read(case.shipped(name))
        if name.endswith(".toml"):
            own = case.own_name.removesuffix(".toml") + ending
            text = text.replace(_extends(case.file), _extends(f"../{own}"))
            files[case.own_name] = files[case.own_name].replace(f'"{name}"', f'"worlds/{name}"')
            name = f"worlds/{name}"
        files[name] = text
    return {name: text.encode() for name, text in files.items()}


def _read(name: str) -> str:
    path = os.path.join(shipped_folder(), *name.split("/"))
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def _extends(reference: str) -> str:
    return f'extends = "{reference}"'


def _part(reference: str) -> str:
    return f'config = "{reference}"'


def shipped_folder() -> str:
    """Real path of the folder with the shipped configs."""
    installed = os.path.join(_PACKAGE, "cases")
    beside = os.path.join(os.path.dirname(_PACKAGE), "configs")
    return installed if os.path.isdir(installed) else beside
