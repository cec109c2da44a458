"""Reads everything that a config holds for all verbs: scenario, sweep, mitigation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from riskengine.config.layers.assemble import Source, assemble
from riskengine.config.layers.overrides import Override
from riskengine.config.load import load
from riskengine.config.mitigation.load import MitigationConfig, load_mitigation
from riskengine.config.sweeps.load import SweptConfig, has_sweep, load_sweep
from riskengine.errors import ConfigFault, Fault
from riskengine.model.scenario import Scenario

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeConfig:
    """A config that every verb can use for which it has a table."""

    scenario: Scenario
    swept: SweptConfig | None  #: None without a `[sweep]`
    mitigation: MitigationConfig | None  #: None without a `[mitigation]`


def load_whole(source: Source, overrides: Sequence[Override] = ()) -> WholeConfig:
    """Read a config and check all of it, the tables of every verb included.

    Parameters
    ----------
    source, overrides
        As for `riskengine.config.load`.

    Raises
    ------
    ConfigFault
        When anything is wrong; it holds all faults at once, by file and line.
    """
    faults: dict[Fault, None] = {}

    def read(reader: Callable[[Source, Sequence[Override]], _Read]) -> _Read | None:
        try:
            return reader(source, overrides)
        except ConfigFault as error:
            faults.update(dict.fromkeys(error.faults))
            return None

    swept = read(load_sweep) if has_sweep(source, overrides) else None
    mitigation = read(load_mitigation) if has_mitigation(source, overrides) else None
    scenario = swept.scenario if swept else mitigation.base if mitigation else None
    if scenario is None or faults:
        scenario = read(load)
    if faults:
        raise ConfigFault(_in_order(list(faults)))
    assert scenario is not None  # noqa: S101  (without one there is a fault)
    return WholeConfig(scenario=scenario, swept=swept, mitigation=mitigation)


def has_mitigation(source: Source, overrides: Sequence[Override] = ()) -> bool:
    """Whether a config has a `[mitigation]`.

    Raises
    ------
    ConfigFault
        When the files cannot be read or merged.
    """
    return "mitigation" in assemble(source, overrides).document


def _in_order(faults: list[Fault]) -> list[Fault]:
    """Faults by line within each file; files in the order in which they were met."""
    files = {fault.file: number for number, fault in reversed(list(enumerate(faults)))}
    return sorted(faults, key=lambda fault: (files[fault.file], fault.line))
