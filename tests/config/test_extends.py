"""Configs that change another config: how they merge, and what they may name."""

# ruff: noqa: E501

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from riskengine.config import load
from riskengine.errors import Fault
from riskengine.model.distributions import constant, distribution

FaultsOf = Callable[..., tuple[Fault, ...]]
Write = Callable[..., Path]


def test_the_extending_file_wins_and_the_base_comes_first(small: str, write: Write) -> None:
    write(small, "base.toml")
    path = write(
        'extends = "base.toml"\n[run]\nseed = 8\n'
        "[materials.zinc.sources]\nChina = { share = 0.2 }\n"
        "[materials.gallium.sources]\nJapan = { share = 0.05 }\n"
    )

    scenario = load(path)

    assert (scenario.run.seed, scenario.run.trials) == (8, 1000)
    assert list(scenario.materials) == ["gallium", "zinc"]
    assert list(scenario.materials["gallium"].sources) == ["China", "Vietnam", "Japan"]
    assert [name for name, _ in scenario.files] == ["small.toml", "base.toml"]


@pytest.mark.parametrize(
    ("override", "given", "bounds"),
    [
        ("{ lognormal = { mean = 90, cv = 1 } }", {"mean": 90, "cv": 1}, ()),
        ("{ lognormal = { p90 = 600 } }", {"median": 150, "p90": 600}, ()),
        ("{ max = 700 }", {"median": 150, "p90": 540}, (-float("inf"), 700)),
    ],
)
def test_a_whole_distribution_replaces_and_a_part_changes(
    small: str, write: Write, override: str, given: dict[str, float], bounds: tuple[float, ...]
) -> None:
    write(small, "base.toml")
    path = write(f'extends = "base.toml"\n[ladder.licensing]\nsojourn = {override}\n')

    found = load(path).ladder["licensing"].sojourn

    assert found == distribution("lognormal", given, *bounds)


def test_a_distribution_of_another_family_replaces_that_of_the_base(
    small: str, write: Write
) -> None:
    write(small, "base.toml")
    path = write(
        'extends = "base.toml"\n[ladder.licensing]\nsojourn = { exponential = { mean = 5 } }\n'
    )

    assert load(path).ladder["licensing"].sojourn.family == "exponential"


def test_probabilities_that_no_longer_sum_to_1_are_listed(
    small: str, write: Write, faults: FaultsOf
) -> None:
    write(small, "base.toml")
    path = write('extends = "base.toml"\n[ladder.licensing]\nnext = { resolved = 0.7 }\n')

    fault = faults(path)[0]

    assert fault.found == "the probabilities sum to 1.1: resolved = 0.7, full-ban = 0.4"
    assert (fault.file, fault.line) == (str(path), 3)


def test_a_file_that_has_every_level_below_sets_the_order_of_the_ladder(
    small: str, write: Write
) -> None:
    write("[ladder.full-ban]\nsojourn = 5\n[ladder.licensing]\nsojourn = 6\n", "part.toml")
    whole = 'extends = "part.toml"\n' + "\n".join(
        line for line in small.split("\n") if not line.startswith("sojourn")
    )

    ladder = load(write(whole)).ladder

    assert list(ladder) == ["licensing", "full-ban"]
    assert ladder["licensing"].sojourn == constant(6.0)


def test_a_level_that_only_the_upper_file_has_is_the_worst(small: str, write: Write) -> None:
    write(small, "base.toml")
    path = write(
        'extends = "base.toml"\n[ladder.mild]\nsojourn = 5\nnext = { resolved = 1 }\n'
        "[ladder.licensing.next]\nresolved = 0.6\n"
    )

    assert list(load(path).ladder) == ["licensing", "full-ban", "mild"]


def test_a_fault_in_the_base_is_placed_in_the_base(
    small: str, write: Write, faults: FaultsOf
) -> None:
    base = write(small.replace("seed = 7", "seed = -7"), "base.toml")

    fault = faults(write('extends = "base.toml"\n'))[0]

    assert (fault.file, fault.line) == (str(base), 4)


def test_a_loop_is_met_with_its_chain(write: Write, faults: FaultsOf) -> None:
    write('extends = "c.toml"\n', "b.toml")
    write('extends = "small.toml"\n', "c.toml")

    found = faults(write('extends = "b.toml"\n'))

    assert found[0].found == "extends itself: small.toml -> b.toml -> c.toml -> small.toml"
    assert found[0].file.endswith("c.toml")


def test_a_very_long_chain_is_refused(write: Write, faults: FaultsOf) -> None:
    for number in range(100):
        write(f'extends = "b{number + 1}.toml"\n', f"b{number}.toml")

    assert "b29.toml" in faults(write('extends = "b0.toml"\n'))[0].found


@pytest.mark.parametrize(
    "reference",
    [
        "../base.toml", "/etc/passwd", "~/base.toml", "file:///etc/passwd", "https://x.org/a.toml",
        "C:\\\\base.toml", "\\\\\\\\host\\\\base.toml", "$HOME/base.toml", "", "sub/../../base.toml",
        "outside.toml", "folder/base.toml", "missing.toml", ".", "a\\u0000b",
    ],
)  # fmt: skip
def test_nothing_outside_the_folder_of_the_config_is_read(
    small: str, write: Write, faults: FaultsOf, reference: str
) -> None:
    base = write(small, "base.toml")
    path = write(f'extends = "{reference}"\n', "inner/small.toml")
    os.symlink(base, path.parent / "outside.toml")
    os.symlink(base.parent, path.parent / "folder")

    found = faults(path)

    assert {fault.path for fault in found} == {("extends",)}
    assert (found[0].file, found[0].line) == (str(path), 1)


def test_links_and_dots_that_stay_inside_are_followed(small: str, write: Write) -> None:
    base = write(small, "inner/bases/base.toml")
    os.symlink(base, base.parents[1] / "link.toml")
    write('extends = "../link.toml"\n', "inner/bases/middle.toml")

    assert load(write('extends = "bases/middle.toml"\n', "inner/small.toml")).run.trials == 1000


def test_paths_are_relative_to_the_file_that_names_them(small: str, write: Write) -> None:
    write("material,country,share\ngallium,Laos,0.01\n", "bases/tables/s.csv")
    write(small + '[tables]\nsources = "tables/s.csv"\n', "bases/base.toml")

    scenario = load(write('extends = "bases/base.toml"\n'))

    assert "Laos" in scenario.materials["gallium"].sources


def test_a_table_that_both_files_name_is_read_once(small: str, write: Write) -> None:
    write("material,country,share\ngallium,Laos,0.01\n", "s.csv")
    write(small + '[tables]\nsources = "s.csv"\n', "base.toml")

    scenario = load(write('extends = "base.toml"\n[tables]\nsources = "s.csv"\n'))

    assert [name for name, _ in scenario.files] == ["small.toml", "base.toml", "s.csv"]


def test_what_only_the_missing_base_could_hold_is_no_fault(write: Write, faults: FaultsOf) -> None:
    path = write('extends = "no.toml"\n[run]\nseeds = 8\n[industries.chips]\nrecapture = 0.1\n')

    assert [fault.path for fault in faults(path)] == [("extends",), ("run", "seeds")]


def _chain(write: Write, small: str, names: list[str], last: str = "") -> Path:
    """Files of which each extends the next, and the last one `last`, or nothing."""
    for name, below in zip(names, [*names[1:], last], strict=True):
        write(f'extends = "{below}"\n' if below else small, name)
    return write(f'extends = "{names[0]}"\n')


def test_a_chain_of_thirty_files_is_read(small: str, write: Write) -> None:
    assert load(_chain(write, small, [f"f{k}.toml" for k in range(2, 31)])).run.seed == 7


def test_a_chain_that_is_only_long_is_called_long(
    small: str, write: Write, faults: FaultsOf
) -> None:
    found = faults(_chain(write, small, [f"f{k}.toml" for k in range(2, 32)]))

    assert found[0].path == ("extends",)
    assert found[0].file.endswith("f30.toml")
    assert found[0].found == (
        "names file 31 of a chain: small.toml -> f2.toml -> ... -> f30.toml -> f31.toml"
    )
    assert found[0].allowed == "a chain of at most 30 files"


@pytest.mark.parametrize("back_to", ["f2.toml", "f9.toml"])
def test_a_circle_is_called_a_circle_wherever_it_closes(
    small: str, write: Write, faults: FaultsOf, back_to: str
) -> None:
    found = faults(_chain(write, small, [f"f{k}.toml" for k in range(2, 12)], back_to))

    shown = {
        "f2.toml": "f2.toml -> f3.toml -> ... -> f11.toml -> f2.toml",
        "f9.toml": "f9.toml -> f10.toml -> f11.toml -> f9.toml",
    }
    assert found[0].found == f"extends itself: {shown[back_to]}"
