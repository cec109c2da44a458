"""A batch as its file says it: which scenarios, what they change, what they are compared with."""

from __future__ import annotations

from dataclasses import dataclass

from riskengine.config.layers.document import TomlFile


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMember:
    """One scenario of a batch: a config, and the values that it changes there."""

    name: str  #: also the name of its results folder
    config: str  #: path of the config file, from the current folder
    shown: str  #: the path as tables show it: from the folder of the batch
    overrides: tuple[str, ...] = ()  #: `path=value`, in the order in which they apply
    weight: float | None = None  #: its chance in the mixture; None in a batch without weights
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioBatch:
    """Scenarios to play, in order. Their names are different folder names on any system."""

    title: str
    stem: str  #: what the folder of the batch is named after
    members: tuple[BatchMember, ...]
    reference: str | None = None  #: the scenario that the others are compared with
    previous: str | None = None  #: folder of an earlier batch, from the current folder
    file: TomlFile | None = None  #: the batch file; None without one

    @property
    def is_weighted(self) -> bool:
        """Whether it is a mixture: then every scenario has a weight, and they add up to 1."""
        return any(member.weight is not None for member in self.members)
