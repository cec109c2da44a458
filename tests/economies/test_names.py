"""Economies by any of their names, and the nearest one for a wrong name."""

from __future__ import annotations

import pytest

from riskengine.economies.names import find_economy, known_economies, plain_key
from riskengine.errors import UsageFault


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("South Korea", "KOR"),
        ("KOR", "KOR"),
        ("kr", "KOR"),
        ("한국", "KOR"),
        ("대한민국", "KOR"),
        ("Korea, Republic of", "KOR"),
        ("  KOREA ", "KOR"),
        ("Deutschland", "DEU"),
        ("ドイツ", "DEU"),
        ("독일", "DEU"),
        ("the united states of america", "USA"),
        ("U.S.A.", "USA"),
        ("UK", "GBR"),
        ("EU", "EU27"),
        ("European Union", "EU27"),
        ("cote d'ivoire", "CIV"),
        ("Côte d’Ivoire", "CIV"),
        ("Türkiye", "TUR"),
        ("Turkey", "TUR"),
        ("台湾", "TWN"),
        ("Congo", "COG"),
        ("DR Congo", "COD"),
        ("Namibia", "NAM"),
        ("NA", "NAM"),
    ],
)
def test_a_name_in_any_form_finds_its_economy(name: str, code: str) -> None:
    assert find_economy(name).code == code


def test_every_name_and_code_leads_to_its_own_economy() -> None:
    for each in known_economies():
        for name in (each.code, each.name, *each.aliases):
            assert find_economy(name) is each, name


def test_names_are_told_apart() -> None:
    keys = [plain_key(name) for each in known_economies() for name in {each.code, each.name}]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("wrong", "meant"), [("Grmany", "Germany"), ("Untied States", "United States")]
)
def test_a_wrong_name_is_answered_with_the_nearest_one(wrong: str, meant: str) -> None:
    with pytest.raises(UsageFault, match=f'no economy "{wrong}".*Did you mean "{meant}"'):
        find_economy(wrong)


@pytest.mark.parametrize("name", ["", "   ", "!!!", "\x1b[2J", "x" * 10_000, "‮KOR‭ no"])
def test_a_name_that_is_none_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(UsageFault) as caught:
        find_economy(name)
    said = str(caught.value)
    assert said.isprintable()
    assert len(said) < 400


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (490, "TWN"), (842, "USA"), (699, "IND"), (251, "FRA"), (757, "CHE"), (579, "NOR"),
        (276, "DEU"), (410, "KOR"), (392, "JPN"), (156, "CHN"), (528, "NLD"),
    ],
)  # fmt: skip
def test_a_number_of_the_trade_database_belongs_to_one_economy(number: int, code: str) -> None:
    owners = [each.code for each in known_economies() if number in each.trade_codes]
    assert owners == [code]
