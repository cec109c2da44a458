"""The worlds of a mitigation: a sampled sweep of another file over the same base."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from riskengine.config.layers.assemble import assemble_named
from riskengine.config.layers.assembly import Assembly, unreadable
from riskengine.config.layers.books import BookLayer
from riskengine.config.layers.layers import Path, TextLayer, find_holder
from riskengine.config.layers.overrides import Override, override_text
from riskengine.config.load import Reading, read_assembly
from riskengine.config.schema.keys import node_at
from riskengine.config.schema.kinds import Map, Number, Spread
from riskengine.config.schema.scalars import Findings, show
from riskengine.config.sources.files import UnreadableError
from riskengine.config.sweeps.points import Changes
from riskengine.config.sweeps.reading import SWEEP, read_sweep
from riskengine.config.sweeps.targets import BY_WORLDS, names_file
from riskengine.config.sweeps.trying import crowd_faults, folders_of
from riskengine.config.toml.positions import read_key
from riskengine.errors import ConfigFault, Fault, format_path
from riskengine.model.faults.run import drawn_faults
from riskengine.model.sweep import GRID, LATIN_HYPERCUBE, ONE_AT_A_TIME, SOBOL, Listed, Sweep

WORLDS_KEY = ("mitigation", "worlds")
DEFAULT_TRIALS = 20_000  #: of each world, where the file of the worlds itself gives none
INDEPENDENT = (LATIN_HYPERCUBE, SOBOL)  #: methods with independent draws of all parameters

_COMPARED = (
    "ladder",
    "disputes",
    "triggers",
    "correlation",
    "materials",
    "industries",
    "propagation",
)
_RUN_COMPARED = ("horizon_days", "importer")
_APART = ("mitigation", "sweep")  #: tables that worlds and mitigation may have of their own
_BEHIND = 2_000  #: ranks of its layers come after those of the config that names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Worlds:
    """What may be true: a sampled sweep over the base of a mitigation."""

    sweep: Sweep  #: its paths may be costs, `("mitigation", "options", NAME, "cost", KEY)`
    trials: int  #: that each world is played with

    @property
    def paths(self) -> tuple[Path, ...]:
        """All paths, in the order of the values of a world."""
        return self.sweep.paths

    def given(self, settings: Sequence[Any]) -> tuple[Changes, dict[tuple[str, str], float]]:
        """The values of a world that replace those of the config, and those that are costs.

        Parameters
        ----------
        settings : sequence
            A value for each of `paths`; None keeps that of the config.

        Returns
        -------
        (list of (tuple of str, Any), dict)
            Paths with values; costs by the names of an option and of a key.
        """
        pairs = [p for p in zip(self.paths, settings, strict=True) if p[1] is not None]
        costs = {(path[2], path[4]): value for path, value in pairs if is_cost(path)}
        return [pair for pair in pairs if not is_cost(pair[0])], costs


class ReadWorlds(NamedTuple):
    """The worlds of a mitigation as far as they are valid, and where their file writes them."""

    worlds: Worlds | None
    assembly: Assembly | None
    faults: tuple[Fault, ...]  #: without places, of the file of the worlds
    beside: Mapping[Path, str]  #: folder of the file that gives a path its values


def is_cost(path: Path) -> bool:
    """Whether a path of a sweep is a part of what an option costs."""
    return path[:2] == ("mitigation", "options")


def read_worlds(base: Reading, named: str, overrides: Sequence[Override]) -> ReadWorlds:
    """The worlds that a mitigation names.

    Parameters
    ----------
    base : Reading
        The config with the mitigation. A file that cannot be read is a fault in its report.
    named : str
        The file as written.
    overrides : sequence
        The overrides of the config. They also change the base of the worlds.

    Notes
    -----
    The parameters are read as if they stood in the config with the mitigation, because there
    their values will apply.
    """
    assembly = base.assembly
    holder = find_holder(WORLDS_KEY, assembly.layers)
    beside = holder.folder if holder else ""
    try:
        own = assemble_named(assembly.folder, named, beside, list(_common(overrides)))
    except UnreadableError as error:
        assembly.report.add(unreadable(error, path=WORLDS_KEY), assembly.layers)
        return ReadWorlds(None, None, (), {})
    except ConfigFault as fault:
        _pass_on(fault.faults, assembly)
        return ReadWorlds(None, None, (), {})
    findings = Findings()
    document = {**assembly.document, "sweep": own.document.get("sweep", {})}
    if "sweep" not in own.document:
        del document["sweep"]
    sweep = read_sweep(document, findings, BY_WORLDS)
    faults = [*findings.faults, *drawn_faults(own.document.get("run", {}), "a mitigation")]
    if sweep is not None:
        faults += [*_method(sweep), *crowd_faults(sweep)]
        sweep = _placed(sweep, folders_of(own, sweep))
    reading = read_assembly(own)
    known = {(fault.path, fault.found) for fault in base.faults}
    faults += [fault for fault in reading.faults if (fault.path, fault.found) not in known]
    if not base.faults and not reading.faults:
        faults += _other_base(base.tree, reading.tree)
    worlds = Worlds(sweep=sweep, trials=_trials(own, reading)) if sweep else None
    return ReadWorlds(worlds, own, tuple(faults), folders_of(own, sweep) if sweep else {})


def place_faults(read: ReadWorlds, further: Sequence[Fault], base: Assembly) -> None:
    """Put the faults of the worlds' file into the report of the config that names it."""
    if read.assembly is None:
        return
    own = read.assembly
    for fault in dict.fromkeys((*read.faults, *further)):
        own.report.add(fault, own.layers)
    _pass_on(own.report.sorted(), base)


def _pass_on(faults: Sequence[Fault], base: Assembly) -> None:
    known = {(fault.file, fault.line, fault.path, fault.found) for _, fault in base.report.found}
    for number, fault in enumerate(faults):
        if (fault.file, fault.line, fault.path, fault.found) not in known:
            base.report.found.append(((_BEHIND, number, 0), fault))


def _common(overrides: Sequence[Override]) -> Iterator[Override]:
    """Overrides of what worlds and mitigation have in common."""
    for override in overrides:
        path, _ = read_key(override_text(override))
        if path[:1] and path[0] not in _APART and path[:2] != ("run", "trials"):
            yield override


def _method(sweep: Sweep) -> Iterator[Fault]:
    if sweep.method and sweep.method not in INDEPENDENT:
        what = "plays values that are listed" if sweep.method in (GRID, ONE_AT_A_TIME) else ""
        what = what or "moves its parameters step by step"
        yield Fault(
            path=(*SWEEP, "method"),
            found=f"is {show(sweep.method)}, which {what}: its points are no worlds",
            allowed=" or ".join(f'"{method}"' for method in INDEPENDENT),
            hint=f'write method = "{LATIN_HYPERCUBE}"',
        )


def _placed(sweep: Sweep, folders: Mapping[Path, str]) -> Sweep:
    """The sweep with names of files relative to the folder of the config."""
    parameters = []
    for parameter in sweep.parameters:
        over = parameter.over
        if isinstance(over, Listed):
            settings = tuple(
                tuple(
                    posixpath.join(folders[path], value) if _is_file(path, value) else value
                    for path, value in zip(parameter.paths, setting, strict=True)
                )
                for setting in over.settings
            )
            over = Listed(settings=settings)
        parameters.append(replace(parameter, over=over))
    return replace(sweep, parameters=tuple(parameters))


def _is_file(path: Path, value: Any) -> bool:
    return isinstance(value, str) and names_file(path)


def _trials(own: Assembly, reading: Reading) -> int:
    """The trials that the file of the worlds itself gives, without what it extends."""
    layers = [layer for layer in own.layers if isinstance(layer, TextLayer | BookLayer)]
    run = layers[-1].data.get("run") if layers else None
    is_given = isinstance(run, Mapping) and "trials" in run
    trials = reading.tree["run"]["trials"] if is_given else DEFAULT_TRIALS
    return trials if isinstance(trials, int) else DEFAULT_TRIALS


def _other_base(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Fault]:
    """The fault of worlds over another base."""
    first = {key: ours.get(key) for key in _COMPARED}
    second = {key: theirs.get(key) for key in _COMPARED}
    first["run"] = {key: ours["run"].get(key) for key in _RUN_COMPARED}
    second["run"] = {key: theirs["run"].get(key) for key in _RUN_COMPARED}
    path = _difference(first, second, ())
    if path is not None:
        yield Fault(
            path=SWEEP,
            found=f"varies another base than the mitigation has: {format_path(path)} differs",
            allowed="the same config in both, apart from run.trials, [sweep] and [mitigation]",
            hint="let both files extend the same file",
        )


def _difference(first: Any, second: Any, path: Path) -> Path | None:
    """The path of the first difference between two typed trees; None if they are equal."""
    if not (isinstance(first, Mapping) and isinstance(second, Mapping)):
        return None if first == second else path
    for key in {**first, **second}:
        if key not in first or key not in second:
            return (*path, key)
        found = _difference(first[key], second[key], (*path, key))
        if found is not None:
            return found
    return path if _is_ordered(path) and list(first) != list(second) else None


def _is_ordered(path: Path) -> bool:
    """Whether the order of a table's names can count: not of keys, nor of levels with numbers."""
    node = node_at(path)
    if not isinstance(node, Map):
        return False
    return not node.refers or not isinstance(node.of, Number | Spread)
