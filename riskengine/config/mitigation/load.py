"""Reads a config with `[mitigation]`: base, options, worlds, scenario of any portfolio."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from riskengine.config.layers.assemble import Source, assemble
from riskengine.config.layers.layers import Path
from riskengine.config.layers.overrides import Override
from riskengine.config.load import Reading, finished, read_assembly
from riskengine.config.mitigation.composing import Composer, Member, touched
from riskengine.config.mitigation.reading import (
    Draft,
    Pricing,
    check_budgets,
    price,
    read_mitigation,
)
from riskengine.config.mitigation.rules import OPTIONS
from riskengine.config.mitigation.trying import Trial
from riskengine.config.mitigation.worlds import (
    ReadWorlds,
    Worlds,
    is_cost,
    place_faults,
    read_worlds,
)
from riskengine.config.schema.scalars import Findings, is_number, quoted
from riskengine.config.sweeps.points import Changes, PointReader
from riskengine.config.sweeps.reading import PARAMETERS
from riskengine.config.sweeps.targets import names_file
from riskengine.config.sweeps.trying import refused_values
from riskengine.config.toml.one_line import one_line
from riskengine.errors import ConfigFault, Fault, format_path
from riskengine.model.faults.run import drawn_faults
from riskengine.model.mitigation import Mitigation, Option
from riskengine.model.scenario import Scenario
from riskengine.model.settings import end_settings
from riskengine.model.sweep import Parameter

World = Sequence[Any]  #: a value for each of `Worlds.paths`; None keeps that of the config


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MitigationConfig:
    """A config with a valid `[mitigation]`; its options were tried on the base.

    A world is given by its settings: a point of the design of `worlds.sweep`.
    """

    base: Scenario  #: without any option, those that are fixed included
    mitigation: Mitigation
    worlds: Worlds | None
    files: tuple[tuple[str, str], ...]  #: name and SHA-256 of all files of all portfolios
    composer: Composer

    def scenario(self, portfolio: Sequence[int], world: World | None = None) -> Scenario:
        """The scenario of a portfolio, in the world of the config or in another.

        Parameters
        ----------
        portfolio : sequence of int
            Positions of options in `mitigation.options`; those that are fixed are always added.
        world : sequence, optional
            Its values come first, and then the options.

        Returns
        -------
        Scenario
            With empty `document` and `files`. A material or industry is the same object in every
            portfolio that has the same options touching it, in one world.

        Raises
        ------
        ConfigFault
            When the options together do not make a valid scenario; not every portfolio was tried.
        """
        return self.composer.scenario(portfolio, self._given(world)[0])

    def costs(self, world: World | None = None) -> tuple[float, ...]:
        """The present value of each option in a world; 0 for those that are fixed.

        Raises
        ------
        ConfigFault
            When a present value is negative.
        """
        given = self._given(world)[1]
        costs = list(self.mitigation.costs)
        faults = []
        for place, option in enumerate(self.mitigation.options):
            changed = {key: value for (name, key), value in given.items() if name == option.name}
            if changed and not option.fixed:
                costs[place] = _priced(option, changed, self.mitigation)
                faults += _price_faults(option, costs[place])
        if faults:
            raise ConfigFault(faults)
        return tuple(costs)

    def touched(self, option: int) -> frozenset[Member]:
        """The members of a scenario that an option may change.

        Returns
        -------
        frozenset of (str, str)
            Pairs such as ("materials", "gallium") and ("industries", "chips"). What is no material
            and no industry, such as ("ladder", "ban") or ("run", ""), may change every trial.
        """
        return touched(self.mitigation.options[option], self.base)

    def _given(self, world: World | None) -> tuple[Changes, Mapping[tuple[str, str], float]]:
        if world is None or self.worlds is None:
            return (), {}
        return self.worlds.given(world)


def load_mitigation(source: Source, overrides: Sequence[Override] = ()) -> MitigationConfig:
    """Read a config and its `[mitigation]`, and check both completely.

    Parameters
    ----------
    source, overrides
        As for `riskengine.config.load`; overrides may change the mitigation.

    Raises
    ------
    ConfigFault
        When anything is wrong; it holds all faults at once, in file order, those of the file of
        the worlds included.
    """
    assembly = assemble(source, overrides)
    findings = Findings()
    reading = read_assembly(assembly)
    draft = read_mitigation(reading.tree, assembly.document, assembly.layers, findings)
    named = draft.mitigation.worlds if draft else None
    read = read_worlds(reading, named, overrides) if named else None
    further = [
        *assembly.certain(findings.faults),
        *drawn_faults(assembly.document.get("run", {}), "a mitigation"),
    ]
    reader = PointReader(source, overrides, reading, _beside(read))
    is_sound = not (reading.faults or assembly.report.found)
    if draft and not (further or reading.faults):
        budgets = Findings()
        check_budgets(draft.mitigation, budgets)
        further += budgets.faults
    composer = Composer(reader, draft.mitigation) if draft else None
    if draft and composer and is_sound:
        further += Trial(draft.mitigation, draft.drafted, composer).faults(not further)
    if draft and read:
        tried = _world_faults(draft, read, reader, reading) if is_sound else ()
        place_faults(read, [*tried], assembly)
    known = {(fault.path, fault.found) for fault in reading.faults}
    base = finished(reading, [f for f in further if (f.path, f.found) not in known])
    assert draft and composer  # noqa: S101, PT018  (without them there is a fault)
    return MitigationConfig(
        base=base,
        mitigation=draft.mitigation,
        worlds=read.worlds if read else None,
        files=assembly.files,
        composer=composer,
    )


def _beside(read: ReadWorlds | None) -> dict[Path, str]:
    """The folders of files that worlds name inside a value; whole tables have theirs in front."""
    return {
        path: folder
        for path, folder in (read.beside if read else {}).items()
        if not names_file(path)
    }


def _world_faults(
    draft: Draft, read: ReadWorlds, reader: PointReader, reading: Reading
) -> Iterator[Fault]:
    """Values of worlds that the config or the options cannot have."""
    if read.worlds is None:
        return
    options = {option.name: option for option in draft.mitigation.options}

    def faults_of(given: Mapping[Path, Any]) -> list[Fault]:
        found: list[Fault] = []
        prices: dict[str, dict[str, float]] = {}
        for path, value in given.items():
            if is_cost(path):
                prices.setdefault(path[2], {})[path[4]] = value
        for name, changed in prices.items():
            found += _changed_price_faults(options.get(name), changed, draft.mitigation)
        return found + reader.faults({p: v for p, v in given.items() if not is_cost(p)})

    yield from refused_values(read.worlds.sweep, faults_of)
    for parameter in read.worlds.sweep.parameters:
        yield from _overlaps(parameter, draft.mitigation)


def _changed_price_faults(
    option: Option | None, changed: Mapping[str, Any], mitigation: Mitigation
) -> list[Fault]:
    if option is None:
        return []  # reported where the option stands
    wrong = [key for key, value in changed.items() if not is_number(value) or value < 0.0]
    if wrong:
        path = (*OPTIONS, option.name, "cost", wrong[0])
        found = f"is {one_line(changed[wrong[0]])}"
        return [Fault(path=path, found=found, allowed="a number of at least 0 (money)")]
    return _price_faults(option, _priced(option, changed, mitigation))


def _priced(option: Option, changed: Mapping[str, float], mitigation: Mitigation) -> float:
    cost = replace(option.cost, **changed)
    return price(cost, Pricing(mitigation.years, mitigation.discount_rate))


def _price_faults(option: Option, value: float) -> list[Fault]:
    if value >= 0.0:
        return []
    found, allowed = f"has a present value of {value:.12g}", "at least 0 (money)"
    return [Fault(path=(*OPTIONS, option.name, "cost"), found=found, allowed=allowed)]


def _overlaps(parameter: Parameter, mitigation: Mitigation) -> Iterator[Fault]:
    """Whole values that worlds vary although an option changes a part, or adds to them."""
    settings = end_settings(parameter)
    for place, path in enumerate(parameter.paths):
        numbers_only = all(is_number(setting[place]) for setting in settings)
        for option in mitigation.options:
            inside = next((p for p in option.paths if p[: len(path)] == path and p != path), None)
            is_added = any(p == path for p, _ in option.adds)
            if inside is not None:
                what = f"changes a part of it, {format_path(inside)}"
            elif is_added and not numbers_only:
                what = "adds to it, and to a distribution nothing can be added"
            else:
                continue
            yield Fault(
                path=(*PARAMETERS, parameter.name),
                found=f"varies {format_path(path)} as a whole, but the option "
                f"{quoted(option.name)} {what}",
                allowed="worlds in which every option makes sense",
                hint="vary a parameter of the distribution" if inside else "",
            )
            return
