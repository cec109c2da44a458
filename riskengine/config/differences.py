"""The differences between two resolved configs, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from riskengine.config.toml.one_line import toml_text
from riskengine.errors import format_path

_SAID_ELSEWHERE = (("run", "trials"), ("run", "seed"))  #: shown above the figures


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDifference:
    """One path at which two configs differ, with values written as in TOML."""

    path: str  #: dotted
    change: str  #: changed, added (only B has it) or removed (only A has it)
    a: str
    b: str


def input_differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[InputDifference]:
    """Every path at which two configs differ; the order of keys does not count as a difference.

    Parameters
    ----------
    a, b : mapping
        Resolved configs as JSON holds them. `run.trials` and `run.seed` are left out.
    """
    return list(_differences(a, b, ()))


def _differences(a: Any, b: Any, path: tuple[str, ...]) -> Iterator[InputDifference]:
    if _are_tables(a, b):
        for key in {**a, **b}:
            below = (*path, key)
            if below in _SAID_ELSEWHERE:
                continue
            if key in a and key in b:
                yield from _differences(a[key], b[key], below)
            elif key in a:
                yield _difference(below, "removed", toml_text(a[key]), "")
            else:
                yield _difference(below, "added", "", toml_text(b[key]))
    elif not _are_equal(a, b):
        yield _difference(path, "changed", toml_text(a), toml_text(b))


def _are_tables(a: Any, b: Any) -> bool:
    """Whether both are tables that can be compared key by key.

    Two distributions of different families differ as a whole: to report one parameter as added
    and another as removed would say less.
    """
    if not (isinstance(a, Mapping) and isinstance(b, Mapping)):
        return False
    return len(a) != 1 or len(b) != 1 or list(a) == list(b)


def _are_equal(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_are_equal, a, b))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(_are_equal(a[key], b[key]) for key in a)
    return bool(a == b)


def _difference(path: tuple[str, ...], change: str, a: str, b: str) -> InputDifference:
    return InputDifference(path=format_path(path), change=change, a=a, b=b)
