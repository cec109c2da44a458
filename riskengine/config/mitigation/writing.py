"""A portfolio as a config of its own: what the options set, written over the config."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from riskengine.config.layers.origin import origin_of
from riskengine.config.layers.overrides import override_text, put_value
from riskengine.config.mitigation.load import MitigationConfig
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import Free, Node, Spread, node_below
from riskengine.config.schema.resolve import resolve
from riskengine.config.sweeps.targets import PROPAGATION_FILE, names_file
from riskengine.config.toml.positions import read_key
from riskengine.config.toml.writing import document_lines
from riskengine.errors import UsageFault, escaped
from riskengine.model.scenario import Scenario

_OWN = "mitigation"


def config_reference(config: MitigationConfig, folder: str) -> str:
    """How a file in a folder names the config that it extends.

    Parameters
    ----------
    config : MitigationConfig
        It was read from a file.
    folder : str
        Of the file.

    Raises
    ------
    UsageFault
        If a config there may not extend it: a config extends files of its own folder and below.
    """
    origin = origin_of(config.base)
    if origin.path is None:
        raise UsageFault("the config is no file, so no file can extend it.")
    root, name = origin.folder.root, os.path.basename(origin.path)
    try:
        found = os.path.relpath(os.path.join(root, name), os.path.realpath(folder or "."))
    except ValueError:  # another drive
        found = os.pardir
    reference = found.replace(os.sep, "/")
    if reference.split("/")[0] == os.pardir:
        raise UsageFault(
            f"the file must lie in the folder of {origin.path}, or in a folder above it: it "
            "extends that config, and a config may only extend files in its own folder or below."
        )
    return reference


def extending_text(config: MitigationConfig, portfolio: Sequence[int], reference: str) -> str:
    """A portfolio as a config that extends the one with the options.

    Parameters
    ----------
    config : MitigationConfig
    portfolio : sequence of int
        Positions of options; those that are fixed are always in it.
    reference : str
        What it extends, as `config_reference` says.

    Notes
    -----
    It has the values of all overrides and options. A config can only add to what it extends: where
    a portfolio takes something away, this text makes another scenario, see `whole_text`.
    """
    head = {"extends": reference, _OWN: False}
    document = config.composer.document(portfolio)
    changed: dict[str, Any] = {}
    for path, file in _changes(config, portfolio):
        if file is not None:
            put_value(changed, path, posixpath.join(posixpath.dirname(reference), file))
            continue
        whole = _unit(path)
        held = _at(document, whole)
        if held is not None:
            put_value(changed, whole, held)
    return _text([*_heading(config, portfolio), *document_lines(head | changed)])


def whole_text(config: MitigationConfig, portfolio: Sequence[int]) -> str:
    """A portfolio as a config that extends nothing and names no table: every value is in it.

    Parameters
    ----------
    config : MitigationConfig
    portfolio : sequence of int
    """
    document = resolve(config.composer.document(portfolio))
    document.pop(_OWN, None)
    reason = "# A config that extends another cannot say this one, so every value is here."
    lines = [*_heading(config, portfolio)[:-1], reason, ""]
    return _text([*lines, *document_lines(document)])


def is_same(first: Scenario, second: Scenario) -> bool:
    """Whether two scenarios have the same losses: all values and the order of all names."""
    return _essence(first) == _essence(second)


def _essence(scenario: Scenario) -> str:
    return repr(replace(scenario, stem="", files=(), sheets=()))


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _heading(config: MitigationConfig, portfolio: Sequence[int]) -> list[str]:
    name = escaped(config.mitigation.name_of(portfolio))
    fixed = [escaped(option.name) for option in config.mitigation.options if option.fixed]
    decided = [f"# Decided already, and set as well: {', '.join(fixed)}"] if fixed else []
    source = escaped(config.base.files[0][0] if config.base.files else config.base.stem)
    return [
        f"# The portfolio of {source}: {name}",
        *decided,
        "# Written by `riskengine mitigate --write`. The options of the config are switched off: "
        "they would act a second time.",
        "",
    ]


def _changes(
    config: MitigationConfig, portfolio: Sequence[int]
) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """The paths that overrides and options change, and the file that an option sets there."""
    for override in origin_of(config.base).overrides:
        path, _ = read_key(override_text(override))
        if path[0] != _OWN:
            yield path, None
    for path, value in config.composer.changes(portfolio):
        yield path, value if names_file(path) else None


def _unit(path: tuple[str, ...]) -> tuple[str, ...]:
    """The part of a path whose value an upper file replaces as a whole."""
    if path == PROPAGATION_FILE:
        return path[:1]
    node: Node | None = SCHEMA
    for depth, key in enumerate(path):
        if isinstance(node, Spread):
            return path[:depth]
        if isinstance(node, Free):
            return path[: depth + 1]
        node = node_below(node, key)
    return path


def _at(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """The value at a path; None if there is none any more."""
    held: Any = document
    for key in path:
        held = held.get(key) if isinstance(held, Mapping) else None
    return held
