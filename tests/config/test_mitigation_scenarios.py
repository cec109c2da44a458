"""The scenario of a portfolio is that of a config with the values written in by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from riskengine.config import MitigationConfig, load, load_mitigation
from riskengine.errors import ConfigFault
from riskengine.mitigation.search.enumeration import feasible_portfolios
from riskengine.mitigation.search.market import bits, build_market
from riskengine.model.mitigation import Mitigation
from riskengine.model.scenario import Scenario

Write = Callable[..., Path]

NAMES = (
    "run",
    "ladder",
    "disputes",
    "triggers",
    "correlation",
    "materials",
    "industries",
    "propagation",
)

MORE = """
[materials.magnets]
spend_per_year = 10
cut = { licensing = 0.2, full-ban = 1.0 }
sources.China = { share = 0.8 }
stocks.own = { days = 20 }

[industries.motors]
value_added_per_year = 900
uses.gallium = { share = 0.1, dependence = 0.5 }
uses.magnets = { share = 0.9, dependence = 0.7 }
"""

#: name -> what it sets, adds, and any other keys
OPTIONS: dict[str, tuple[dict[str, Any], dict[str, float], str]] = {
    "stock": ({"materials.gallium.stocks.public.days": 90}, {}, ""),
    "more-stock": ({}, {"materials.gallium.stocks.public.days": 30}, ""),
    "still-more": (
        {"materials.gallium.alternatives.recycling.premium": 0.2},
        {"materials.gallium.stocks.public.days": 12.5, "materials.magnets.stocks.own.days": 1},
        "",
    ),
    "plant": (
        {"materials.gallium.alternatives.onsan": {"capacity": 0.6, "lead_time": 600}},
        {},
        'group = "plants"',
    ),
    "lognormal-plant": (
        {
            "materials.gallium.alternatives.onsan": {
                "capacity": 0.3,
                "lead_time": {"lognormal": {"median": 90, "p90": 400}},
                "lead_from": "start",
            }
        },
        {},
        'group = "plants"',
    ),
    "magnets": ({"materials.magnets.stocks.own.days": {"exponential": {"mean": 70}}}, {}, ""),
    "less-use": ({"industries.chips.uses.gallium.dependence": 0.4}, {}, 'excludes = ["motors"]'),
    "motors": (
        {"industries.motors.combine": "independent"},
        {"industries.motors.uses.magnets.inventory_days": 15},
        'requires = ["magnets-rule"]',
    ),
    "magnets-rule": ({"materials.magnets.allocation": "priority"}, {}, ""),
    "diplomacy": ({"disputes.china-korea.rate_per_year": 0.06}, {}, ""),
    "parameter": ({"ladder.licensing.sojourn.lognormal.median": 100}, {}, ""),
    "elsewhere": ({"materials.gallium.importer": "Japan"}, {}, ""),
    "nothing-set": ({}, {}, ""),
    "fixed-one": ({"correlation.coverage": 0.2}, {"materials.magnets.refill_rate": 0.1}, "fixed"),
}
del OPTIONS["magnets"]  # adding to its distribution would be a fault; see MAGNETS
MAGNETS = "materials.magnets.stocks.mine"
OPTIONS["magnets"] = ({MAGNETS: {"days": {"exponential": {"mean": 70}}}}, {}, "")


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value)


def table(values: dict[str, Any]) -> str:
    return "{ " + ", ".join(f'"{path}" = {toml(value)}' for path, value in values.items()) + " }"


def mitigation_text(names: Sequence[str]) -> str:
    text = '\n[mitigation]\nmeasure = "mean"\n'
    for name in names:
        sets, adds, more = OPTIONS[name]
        more = "fixed = true" if more == "fixed" else f"cost = 1\n{more}"
        text += f"[mitigation.options.{name}]\nset = {table(sets)}\nadd = {table(adds)}\n{more}\n"
    return text


def by_hand(config: Path, names: Sequence[str]) -> Scenario:
    """The config with the values of some options, as `--set` writes them."""
    bare = load(config)
    values: dict[str, Any] = {}
    for name in names:
        values |= OPTIONS[name][0]
    for name in names:
        for path, amount in OPTIONS[name][1].items():
            if path not in values:
                held: Any = bare.document
                for key in path.split("."):
                    held = held[key]
                values[path] = held
            values[path] += amount
    return load(config, list(values.items()))


def same(found: Scenario, expected: Scenario) -> bool:
    orders = all(
        list(found.materials[name].alternatives) == list(expected.materials[name].alternatives)
        and list(found.materials[name].stocks) == list(expected.materials[name].stocks)
        for name in expected.materials
    )
    return orders and all(getattr(found, name) == getattr(expected, name) for name in NAMES)


@pytest.fixture
def config(write: Write, small: str) -> Path:
    return write(small + MORE + mitigation_text(list(OPTIONS)))


@pytest.fixture
def study(config: Path) -> MitigationConfig:
    return load_mitigation(config)


def feasible(mitigation: Mitigation) -> list[tuple[int, ...]]:
    """Every portfolio that can stand, as positions of options."""
    found = feasible_portfolios(build_market(mitigation), most=10**6)
    assert found is not None
    return [tuple(mitigation.free[bit] for bit in bits(each)) for each in found]


def names_of(study: MitigationConfig, portfolio: Sequence[int]) -> list[str]:
    """Names of a portfolio's options and of those that are fixed, in the order of the config."""
    options = study.mitigation.options
    return [each.name for n, each in enumerate(options) if n in portfolio or each.fixed]


@pytest.mark.costly
def test_every_portfolio_is_what_is_written_by_hand(study: MitigationConfig, config: Path) -> None:
    """Two hundred feasible portfolios, drawn in another order than that of the config."""
    portfolios = feasible(study.mitigation)
    drawn = random.Random(1).sample(portfolios, 200)
    assert sum(len(portfolio) >= 3 for portfolio in drawn) > 150
    for portfolio in [(), *drawn]:
        names = names_of(study, portfolio)
        mixed = random.Random(2).sample(portfolio, len(portfolio))
        assert same(study.scenario(mixed), by_hand(config, names)), names


def test_a_portfolio_leaves_the_base_and_others_as_they_are(study: MitigationConfig) -> None:
    places = study.mitigation.places
    before = study.base.materials["gallium"]
    first = study.scenario((places["stock"], places["plant"]))
    second = study.scenario((places["more-stock"],))
    assert study.base.materials["gallium"] == before
    assert before.stocks["public"].days.parameters == (60.0,)
    assert first.materials["gallium"].stocks["public"].days.parameters == (90.0,)
    assert second.materials["gallium"].stocks["public"].days.parameters == (90.0,)
    assert list(second.materials["gallium"].alternatives) == ["recycling"]
    assert study.base.correlation.coverage == 0.0  # without what is fixed
    assert second.correlation.coverage == 0.2


def test_what_is_added_comes_after_what_is_set(study: MitigationConfig) -> None:
    places = study.mitigation.places
    found = study.scenario((places["more-stock"], places["still-more"], places["stock"]))
    assert found.materials["gallium"].stocks["public"].days.parameters == (90.0 + 30.0 + 12.5,)


def test_an_option_says_what_it_touches(study: MitigationConfig) -> None:
    places = study.mitigation.places
    assert study.touched(places["stock"]) == {("materials", "gallium")}
    assert study.touched(places["still-more"]) == {
        ("materials", "gallium"),
        ("materials", "magnets"),
    }
    assert study.touched(places["motors"]) == {("industries", "motors")}
    assert study.touched(places["diplomacy"]) == {("disputes", "china-korea")}
    assert study.touched(places["fixed-one"]) == {("correlation", ""), ("materials", "magnets")}
    assert study.touched(places["nothing-set"]) == set()


def test_only_what_an_option_touches_changes(study: MitigationConfig) -> None:
    """Said of each option alone, for every material and industry and the rest."""
    bare = study.scenario(())
    for place in study.mitigation.free:
        found, touched = study.scenario((place,)), study.touched(place)
        for kind in ("materials", "industries"):
            members: dict[str, Any] = getattr(found, kind)
            for name, member in members.items():
                is_same = member == getattr(bare, kind)[name]
                assert is_same or (kind, name) in touched
        for kind in ("ladder", "disputes", "triggers", "correlation", "run", "propagation"):
            is_same = getattr(found, kind) == getattr(bare, kind)
            assert is_same or kind in {kind for kind, _ in touched}


@pytest.fixture
def plain(write: Write, small: str) -> MitigationConfig:
    """A mitigation whose options touch materials and industries alone."""
    others = ("diplomacy", "parameter", "fixed-one")
    names = [name for name in OPTIONS if name not in others]
    return load_mitigation(write(small + MORE + mitigation_text(names)))


def test_a_member_is_one_object_for_one_combination_of_options(plain: MitigationConfig) -> None:
    seen: dict[Any, int] = {}
    touched = {n: plain.touched(n) for n in plain.mitigation.free}
    portfolios = feasible(plain.mitigation)
    kept = []
    for portfolio in random.Random(3).sample(portfolios, 200):
        found = plain.scenario(portfolio)
        kept.append(found)
        for kind in ("materials", "industries"):
            for name, member in getattr(found, kind).items():
                having = tuple(n for n in portfolio if (kind, name) in touched[n])
                assert seen.setdefault((kind, name, having), id(member)) == id(member)


def test_no_file_is_read_again(plain: MitigationConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr("os.open", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    assert plain.scenario((0, 1, 2)).materials


def test_tables_may_be_set_with_values_above_them(write: Write, small: str) -> None:
    for days in (5, 50):
        name = f"data/stocks-{days}.csv"
        write(f"material,tier,days\ngallium,public,{days}\ngallium,mine,7\n", name)
    public = "[materials.gallium.stocks.public]\ndays = 60\n"
    assert public in small
    base = small.replace(public + "release_lag_days = 14\nmax_release = 0.5\n", "")
    base += '[tables]\nstocks = "data/stocks-5.csv"\n'
    text = """
    [mitigation]
    measure = "mean"
    [mitigation.options.table]
    set = { "tables.stocks" = "data/stocks-50.csv" }
    cost = 1
    [mitigation.options.more]
    add = { "materials.gallium.stocks.public.days" = 3 }
    cost = 1
    [mitigation.options.use]
    set = { "industries.chips.uses.gallium.dependence" = 0.1 }
    cost = 1
    """
    study = load_mitigation(write(base + text))
    stocks = study.scenario((0, 1, 2)).materials["gallium"].stocks
    assert {name: tier.days.parameters for name, tier in stocks.items()} == {
        "public": (53.0,),
        "mine": (7.0,),
    }
    assert study.scenario((1,)).materials["gallium"].stocks["public"].days.parameters == (8.0,)
    assert study.touched(0) == {("materials", "gallium")}
    assert {name for name, _ in study.files} >= {"data/stocks-50.csv", "data/stocks-5.csv"}
    assert study.scenario((0, 2)).industries["chips"].uses["gallium"].dependence == 0.1


def test_a_file_is_relative_to_the_file_with_the_option(write: Write, small: str) -> None:
    write("material,tier,days\ngallium,mine,7\n", "data/stocks.csv")
    write("days\n3\n4\n", "data/days.csv")
    write(
        '[mitigation]\nmeasure = "mean"\n[mitigation.options.table]\ncost = 1\n'
        'set = { "tables.stocks" = "stocks.csv" }\n'
        "[mitigation.options.sample]\ncost = 1\n"
        'set = { "materials.gallium.stocks.public.days" = '
        '{ empirical = { file = "days.csv", column = "days" } } }\n',
        "data/options.toml",
    )
    study = load_mitigation(write('extends = "data/options.toml"\n' + small))
    found = study.scenario((0, 1)).materials["gallium"].stocks
    assert found["mine"].days.parameters == (7.0,)
    assert found["public"].days.values == (3.0, 4.0)


def test_a_propagation_table_may_be_set(write: Write, small: str) -> None:
    for part in ("0.1", "0.3"):
        write(f"from,to,coefficient\nchips,motors,{part}\n", f"io-{part}.csv")
    text = small + MORE + '[propagation]\nfile = "io-0.1.csv"\n'
    text += '\n[mitigation]\nmeasure = "mean"\n[mitigation.options.a]\ncost = 1\n'
    text += 'set = { "propagation.file" = "io-0.3.csv" }\n'
    study = load_mitigation(write(text))
    assert study.base.propagation == {"chips": {"motors": 0.1}}
    assert study.scenario((0,)).propagation == {"chips": {"motors": 0.3}}
    assert study.touched(0) == {("propagation", "")}


def test_a_new_material_may_come_with_the_option_that_uses_it(write: Write, small: str) -> None:
    text = '\n[mitigation]\nmeasure = "mean"\n[mitigation.options.both]\ncost = 1\n'
    text += 'set = { "materials.zinc" = { cut = { licensing = 1 }, sources = { China = '
    text += '{ share = 1 } } }, "industries.chips.uses.zinc" = { share = 1, dependence = 0.1 } }\n'
    study = load_mitigation(write(small + text))
    found = study.scenario((0,))
    assert list(found.materials) == ["gallium", "zinc"]
    assert found.materials["zinc"].importer == "Korea"
    assert found.industries["chips"].uses["zinc"].dependence == 0.1


def test_three_amounts_that_are_too_much_together_are_met(write: Write, small: str) -> None:
    """Each pair is sound, and so is what can be added one after another from the end."""
    text = '\n[mitigation]\nmeasure = "mean"\n'
    path = "materials.gallium.alternatives.recycling.probability"
    for name, amount in (("a", 0.14), ("b", 0.14), ("c", 0.14), ("d", -0.5)):
        group = 'excludes = ["d"]\n' if name == "a" else ""
        text += f'[mitigation.options.{name}]\ncost = 1\n{group}add = {{ "{path}" = {amount} }}\n'
    with pytest.raises(ConfigFault, match='"a", "b" and "c" together'):
        load_mitigation(write(small + text))


def test_a_scenario_may_be_the_source(config: Path) -> None:
    study = load_mitigation(load(config))
    assert same(study.scenario((0,)), by_hand(config, ["stock", "fixed-one"]))
    changed = load(config).with_values({"materials.gallium.stocks.public.days": 10})
    found = load_mitigation(changed).scenario((1,))
    assert found.materials["gallium"].stocks["public"].days.parameters == (40.0,)
