"""What a scenario was read from, kept with it so that it can be read again with other values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from riskengine.config.layers.overrides import Override, override_text
from riskengine.config.sources.files import Folder
from riskengine.errors import UsageFault
from riskengine.model.scenario import NO_ORIGIN, Scenario


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadFrom:
    """The config of a scenario: its path or document, what changed it, and the bytes of its files.

    A scenario that goes to another process, or is copied, leaves it behind.
    """

    source: str | Mapping[str, Any]
    overrides: tuple[Override, ...]
    folder: Folder  #: with every file as it was read
    scenario: Scenario  #: as it was read
    load: Callable[..., Scenario]  #: `riskengine.config.load`

    @property
    def path(self) -> str | None:
        """Path of the config file; None for a document."""
        return self.source if isinstance(self.source, str) else None

    @property
    def texts(self) -> tuple[str, ...]:
        """What changed the config, as `--set` would have it."""
        return tuple(map(override_text, self.overrides))

    def changed(self, scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
        """The scenario read again with values at dotted paths."""
        return self.load(scenario, tuple(values.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _nothing, ()


def _nothing() -> None:
    """What takes the place of an origin that was left behind."""


def origin_of(scenario: Scenario) -> ReadFrom:
    """What a scenario was read from.

    Raises
    ------
    UsageFault
        When nothing is known of it, or the scenario was changed since then.
    """
    if scenario.origin is None:
        raise UsageFault(NO_ORIGIN)
    origin = known_origin(scenario)
    if origin is None:
        raise UsageFault(
            "this scenario is not as riskengine.load returned it, so its config says something "
            "else: change values with scenario.with_values({path: value}) alone"
        )
    return origin


def known_origin(scenario: Scenario) -> ReadFrom | None:
    """The same; None where nothing is known, or the scenario was changed since then."""
    origin = scenario.origin
    if not isinstance(origin, ReadFrom):
        return None
    names = [field.name for field in fields(Scenario) if field.name != "origin"]
    is_same = all(getattr(scenario, name) is getattr(origin.scenario, name) for name in names)
    return origin if is_same else None


def overrides_of(scenario: Scenario) -> tuple[str, ...]:
    """What changed the config of a scenario, as `--set` would have it; empty where not known."""
    origin = known_origin(scenario)
    return () if origin is None else origin.texts


def path_of(scenario: Scenario) -> str | None:
    """Path of the config file of a scenario; None for a document, and where it is not known."""
    origin = known_origin(scenario)
    return None if origin is None else origin.path
