"""Reads a config with `[sweep]`: base case, varied parameters, scenario of any sweep point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.config.layers.assemble import Source, assemble
from riskengine.config.layers.layers import Path
from riskengine.config.layers.overrides import Override
from riskengine.config.load import finished, read_assembly
from riskengine.config.schema.scalars import Findings
from riskengine.config.sweeps.points import PointReader
from riskengine.config.sweeps.reading import PARAMETERS, SWEEP, read_sweep
from riskengine.config.sweeps.targets import PROPAGATION_FILE
from riskengine.config.sweeps.trying import crowd_faults, folders_of, refused_values
from riskengine.config.toml.one_line import one_line
from riskengine.model.faults.run import drawn_faults
from riskengine.model.scenario import Scenario
from riskengine.model.sweep import Sweep

Shown = bool | int | float | str | None  #: a value as tables show it; None if there is none


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweptConfig:
    """A config with a valid `[sweep]`: each of its values was tried alone on the base case."""

    scenario: Scenario  #: the base case
    sweep: Sweep
    base: tuple[Any, ...]  #: base case values at `sweep.paths`; None if there is none
    files: tuple[tuple[str, str], ...]  #: name and SHA-256 of all files of all points
    reader: PointReader

    def at(self, settings: Sequence[Any]) -> Scenario:
        """The scenario of a sweep point.

        Parameters
        ----------
        settings
            A value for each of `sweep.paths`; None keeps the value of the base case.

        Raises
        ------
        ConfigFault
            When the settings together do not make a valid scenario.
        """
        return self.reader.scenario(_given(self.sweep.paths, settings))

    def shown(self, settings: Sequence[Any]) -> tuple[Shown, ...]:
        """The values at `sweep.paths` as tables show them; None takes the base case's value."""
        whole = (
            base if value is None else value
            for base, value in zip(self.base, settings, strict=True)
        )
        return tuple(map(_shown, whole))


def load_sweep(source: Source, overrides: Sequence[Override] = ()) -> SweptConfig:
    """Read a config and its `[sweep]`, and check both completely.

    Parameters
    ----------
    source, overrides
        As for `riskengine.config.load`; overrides change the base case, and may change the sweep.

    Raises
    ------
    ConfigFault
        When anything is wrong; it holds all faults at once, in file order.
    """
    assembly = assemble(source, overrides)
    base_file = _held(assembly.document, PROPAGATION_FILE)
    findings = Findings()
    sweep = read_sweep(assembly.document, findings)
    reading = read_assembly(assembly)
    faults = assembly.certain(findings.faults)
    beside = folders_of(assembly, sweep) if sweep else {}
    reader = PointReader(source, overrides, reading, beside)
    faults += drawn_faults(assembly.document.get("run", {}), "a sweep")
    if sweep:
        faults += crowd_faults(sweep)
        faults += refused_values(sweep, reader.faults)
    known = {(fault.path, fault.found) for fault in reading.faults}
    scenario = finished(reading, [f for f in faults if (f.path, f.found) not in known])
    assert sweep is not None  # noqa: S101  (without a sweep there is a fault)
    read = {path: _held(scenario.document, path) for path in sweep.paths}
    tables = {("tables", name): text for name, text in assembly.references.items()}
    read |= {path: value for path, value in tables.items() if path in read}
    read |= {path: base_file for path in read if path == PROPAGATION_FILE}
    return SweptConfig(
        scenario=scenario,
        sweep=sweep,
        base=tuple(read[path] for path in sweep.paths),
        files=assembly.files,
        reader=reader,
    )


def has_sweep(source: Source, overrides: Sequence[Override] = ()) -> bool:
    """Whether a config has a `[sweep]` that is more than a table of parameters.

    A fitted fragment passes parameters on to every config that extends it. Parameters alone become
    a sweep only when a config says how to choose their values. Any other key counts as a sweep, so
    that `load_sweep` reports what is missing.

    Raises
    ------
    ConfigFault
        When the files cannot be read or merged.
    """
    document = assemble(source, overrides).document
    parameters = _held(document, PARAMETERS)
    is_fragment = isinstance(parameters, Mapping) and len(document[SWEEP[0]]) == 1
    return SWEEP[0] in document and not is_fragment


def _shown(value: Any) -> Shown:
    is_plain = value is None or isinstance(value, bool | int | float | str)
    return value if is_plain else one_line(value)


def _given(paths: Sequence[Path], settings: Sequence[Any]) -> dict[Path, Any]:
    pairs = zip(paths, settings, strict=True)
    return {path: value for path, value in pairs if value is not None}


def _held(document: Mapping[str, Any], path: Path) -> Any:
    """The value at a path; None if there is none."""
    held: Any = document
    for key in path:
        held = held.get(key) if isinstance(held, Mapping) else None
    return held
