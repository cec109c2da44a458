"""Sense checks on typed trees: they work on what is well-formed and pass over the rest."""

from __future__ import annotations

from typing import Any

import pytest

from riskengine.errors import Fault, format_path
from riskengine.model.distributions import constant, distribution
from riskengine.model.faults.scenario import MALFORMED, find_faults


def level(**changes: float) -> dict[str, Any]:
    return {"sojourn": constant(30.0), "next": changes, "boycott": False}


@pytest.fixture
def tree() -> dict[str, Any]:
    """A typed tree without faults."""
    return {
        "run": {"importer": "Korea"},
        "ladder": {"low": level(resolved=0.5, high=0.5), "high": level(low=1.0)},
        "disputes": {
            "d": {
                "coercer": "China",
                "target": "Korea",
                "rate_per_year": 0.1,
                "entry": {"low": 1.0},
            }
        },
        "triggers": {},
        "materials": {
            "gallium": {"cut": {}, "sources": {"China": {"share": 0.9}}, "ladder": {}},
        },
        "industries": {"chips": {"uses": {"gallium": {"share": 0.5}}}},
        "propagation": {"coefficients": {}},
    }


def paths(found: list[Fault]) -> list[str]:
    return [format_path(fault.path) for fault in found]


def test_a_sensible_tree_has_no_faults(tree: dict[str, Any]) -> None:
    assert find_faults(tree) == []


def test_levels_that_only_lead_to_one_another_are_named(tree: dict[str, Any]) -> None:
    tree["ladder"] |= {"a": level(b=1.0), "b": level(a=1.0, low=0.0)}

    fault = find_faults(tree)[0]

    assert fault.found == "no way leads from these levels to resolved: a, b"


def test_a_way_out_may_be_long(tree: dict[str, Any]) -> None:
    for number in range(2000):
        tree["ladder"][f"l{number}"] = level(**{f"l{number - 1}" if number else "low": 1.0})

    assert find_faults(tree) == []


def test_a_material_can_close_the_way_out(tree: dict[str, Any]) -> None:
    tree["materials"]["gallium"]["ladder"] = {"low": {"next": {"high": 1.0}}}

    assert paths(find_faults(tree)) == ["materials.gallium.ladder"]


def test_a_trap_of_the_base_is_told_once(tree: dict[str, Any]) -> None:
    tree["ladder"]["low"] = level(high=1.0)
    tree["materials"]["gallium"]["ladder"] = {"high": {"sojourn": constant(1.0)}}

    assert paths(find_faults(tree)) == ["ladder"]


@pytest.mark.parametrize("mark", ["next", "sojourn"])
def test_malformed_values_hide_nothing_else(tree: dict[str, Any], mark: str) -> None:
    tree["ladder"]["low"][mark] = MALFORMED
    tree["disputes"]["d"]["entry"] = {"low": MALFORMED, "lo": 0.5}

    assert paths(find_faults(tree)) == ["disputes.d.entry.lo"]


@pytest.mark.parametrize(
    "key",
    ["run", "ladder", "disputes", "triggers", "materials", "industries", "propagation"],
)
def test_a_malformed_collection_raises_nothing(tree: dict[str, Any], key: str) -> None:
    tree[key] = MALFORMED

    assert all(fault.found.startswith("there is no") for fault in find_faults(tree))


@pytest.mark.parametrize(("elapsed", "count"), [(29.9, 0), (30.0, 1), (500.0, 1)])
def test_time_elapsed_must_be_below_the_longest_sojourn(
    tree: dict[str, Any], elapsed: float, count: int
) -> None:
    tree["disputes"]["d"]["active"] = {"level": "low", "elapsed_days": elapsed}

    assert paths(find_faults(tree)) == ["disputes.d.active.elapsed_days"] * count


def test_time_elapsed_is_checked_for_each_material_s_own_sojourn(tree: dict[str, Any]) -> None:
    tree["materials"]["zinc"] = {"sources": {"China": {"share": 1.0}}, "ladder": {}}
    tree["materials"]["gallium"]["ladder"] = {"low": {"sojourn": constant(10.0)}}
    tree["disputes"]["d"]["active"] = {"level": "low", "elapsed_days": 20.0}

    found = find_faults(tree)

    assert [fault.found for fault in found] == [
        'is 20, longer than the sojourn of material "gallium" on low'
    ]


def test_a_tail_that_can_still_be_drawn_is_long_enough(tree: dict[str, Any]) -> None:
    tree["ladder"]["low"]["sojourn"] = distribution("exponential", {"mean": 1.0})
    tree["disputes"]["d"]["active"] = {"level": "low", "elapsed_days": 600.0}
    assert find_faults(tree) == []

    tree["disputes"]["d"]["active"]["elapsed_days"] = 800.0
    assert len(find_faults(tree)) == 1


def test_entry_is_needed_only_by_disputes_that_can_begin(tree: dict[str, Any]) -> None:
    quarrel = {"coercer": "A", "target": "B", "rate_per_year": 0.0, "entry": {}}
    tree["disputes"]["q"] = quarrel | {"active": {"level": "low", "elapsed_days": 0.0}}
    assert find_faults(tree) == []

    tree["triggers"]["t"] = {"when": "d", "reaches": "low", "starts": "q"}
    assert paths(find_faults(tree)) == ["disputes.q.entry"]


@pytest.mark.parametrize("share", [0.5, 0.5 + 1e-10])
def test_shares_may_sum_to_one_and_a_rounding_error(tree: dict[str, Any], share: float) -> None:
    tree["industries"]["cars"] = {"uses": {"gallium": {"share": share}}}

    assert find_faults(tree) == []


def test_uses_of_one_material_share_its_demand(tree: dict[str, Any]) -> None:
    tree["industries"]["cars"] = {"uses": {"gallium": {"share": 0.6}}}

    assert paths(find_faults(tree)) == ["industries.cars.uses.gallium.share"]


def test_an_importer_is_needed_somewhere(tree: dict[str, Any]) -> None:
    del tree["run"]["importer"]

    assert paths(find_faults(tree)) == ["materials.gallium.importer", "industries.chips.importer"]


@pytest.mark.parametrize(
    ("matrix", "count"),
    [
        ([[0.9]], 0),
        ([[1.0]], 1),
        ([[0.0, 5.0], [0.0, 0.0]], 0),
        ([[0.0, 2.0], [0.4, 0.0]], 0),
        ([[0.6, 0.6], [0.0, 0.0]], 0),
        ([[0.0, 2.0], [0.5, 0.0]], 1),
        ([[0.0, 2.0], [0.6, 0.0]], 1),
        ([[1.2, 0.0], [0.0, 0.1]], 1),
        ([[3.0, 0.0], [0.0, 3.0]], 1),
    ],
)
def test_losses_passed_on_must_fade(
    tree: dict[str, Any], matrix: list[list[float]], count: int
) -> None:
    tree["industries"]["cars"] = {"uses": {}}
    names = list(tree["industries"])
    tree["propagation"]["coefficients"] = {
        source: dict(zip(names, row, strict=False))
        for source, row in zip(names, matrix, strict=False)
    }

    assert paths(find_faults(tree)) == ["propagation.coefficients"] * count


@pytest.mark.parametrize("other", ["china", "CHINA", "Chi na", "China "])
def test_countries_that_differ_only_in_case_or_spaces_are_one_slip(
    tree: dict[str, Any], other: str
) -> None:
    tree["materials"]["gallium"]["sources"][other] = {"share": 0.1}

    assert "differ only in case" in find_faults(tree)[0].found


LOOKS = [
    ("Public", "public"),
    ("Public reserve", "Public  reserve"),
    ("Public reserve", "Public\u00a0reserve"),
    ("reserve-1", "reserve\u20111"),  # a hyphen that does not break
    ("reserve 2", "reserve \uff12"),  # a digit of full width
    ("\uac00\uacf5", "\u1100\u1161\u1100\u1169\u11bc"),  # Hangul in letters
    ("Caf\u00e9", "Cafe\u0301"),
    ("\ufb01rst", "first"),  # a ligature
    ("scope", "\u0455\u0441\u043e\u0440\u0435"),  # Cyrillic
    ("TOKYO", "\u03a4\u039f\u039a\u03a5\u039f"),  # Greek
    ("\u845b", "\u845b\U000e0100"),  # the same ideograph in another drawing
    ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e"),  # with and without a joiner
]


def _places(tree: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A table for each kind of name that a user gives."""
    gallium = tree["materials"]["gallium"]
    return {
        "levels": tree["ladder"],
        "disputes": tree["disputes"],
        "triggers": tree["triggers"],
        "materials": tree["materials"],
        "industries": tree["industries"],
        "sources": gallium["sources"],
        "alternatives": gallium.setdefault("alternatives", {}),
        "stocks": gallium.setdefault("stocks", {}),
    }


@pytest.mark.parametrize(
    "kind",
    [
        "levels",
        "disputes",
        "triggers",
        "materials",
        "industries",
        "sources",
        "alternatives",
        "stocks",
    ],
)
@pytest.mark.parametrize(("name", "other"), LOOKS)
def test_names_of_any_kind_that_look_alike_are_refused(
    tree: dict[str, Any], kind: str, name: str, other: str
) -> None:
    place = _places(tree)[kind]
    place.update({name: MALFORMED, other: MALFORMED})  # whatever stands below the names

    alike = [fault for fault in find_faults(tree) if "look alike" in fault.found]

    assert [fault.path[-1] for fault in alike] == [other]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("gallium", "galium"),
        ("stock 1", "stock 2"),
        ("a_b", "a-b"),
        ("\u0420\u0424", "PF"),
        ("e", "\u00e9"),
    ],
)
def test_names_that_look_different_may_stand_together(
    tree: dict[str, Any], name: str, other: str
) -> None:
    tree["materials"]["gallium"]["stocks"] = {name: MALFORMED, other: MALFORMED}

    assert not [fault for fault in find_faults(tree) if "look alike" in fault.found]


def test_one_material_may_have_a_stock_that_another_spells_otherwise(tree: dict[str, Any]) -> None:
    tree["materials"]["gallium"]["stocks"] = {"Public": MALFORMED}
    tree["materials"]["tin"] = {"stocks": {"public": MALFORMED}}

    assert not [fault for fault in find_faults(tree) if "look alike" in fault.found]
