"""The source of a scenario, kept with it so that it can be read again with other values."""

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
    """The config of a scenario: its path or document, its overrides, and the bytes of its files.

    It is dropped when a scenario is copied or sent to another process.
    """

    source: str | Mapping[str, Any]
    overrides: tuple[Override, ...]
    folder: Folder  #: holds every file as it was read
    scenario: Scenario  #: as it was read
    load: Callable[..., Scenario]  #: `riskengine.config.load`

    @property
    def path(self) -> str | None:
        """Path of the config file; None for a document."""
        return self.source if isinstance(self.source, str) else None

    @property
    def texts(self) -> tuple[str, ...]:
        """The overrides of the config, written as for `--set`."""
        return tuple(map(override_text, self.overrides))

    def changed(self, scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
        """The scenario, read again with other values at dotted paths."""
        return self.load(scenario, tuple(values.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _nothing, ()


def _nothing() -> None:
    """Stands in for an origin that was dropped."""


def origin_of(scenario: Scenario) -> ReadFrom:
    """The source that a scenario was read from.

    Raises
    ------
    UsageFault
        When the source is not known, or the scenario was changed after it was read.
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
    """Like `origin_of`, but None if the source is not known or the scenario was changed since."""
    origin = scenario.origin
    if not isinstance(origin, ReadFrom):
        return None
    names = [field.name for field in fields(Scenario) if field.name != "origin"]
    is_same = all(getattr(scenario, name) is getattr(origin.scenario, name) for name in names)
    return origin if is_same else None


def overrides_of(scenario: Scenario) -> tuple[str, ...]:
    """The overrides of a scenario's config, written as for `--set`; empty when not known."""
    origin = known_origin(scenario)
    return () if origin is None else origin.texts


def path_of(scenario: Scenario) -> str | None:
    """Path of the config file of a scenario; None for a document, or when it is not known."""
    origin = known_origin(scenario)
    return None if origin is None else origin.path
