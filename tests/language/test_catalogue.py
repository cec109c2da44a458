"""How a finished text is found in a catalogue, and what is left as it is."""

from __future__ import annotations

import pytest

from riskengine.language import catalogue
from riskengine.language.catalogue import Catalogue, Entry, _read
from riskengine.language.languages import KOREAN
from riskengine.language.speaking import say, speaking, spoken

ENTRIES = [
    Entry("", "Loss", "손실"),
    Entry("", "Industry", "산업"),
    Entry("", "Loss of {name}", "{name} 손실"),
    Entry("", "Loss of {name} in {year}", "{year}년 {name} 손실"),
    Entry("", "{n} trials", "시행 {n}회"),
    Entry("", "It rests on {shares!s}.", "근거: {shares}."),
    Entry("", "{share} assumed", "가정 {share}"),
    Entry("", "Too late: {names!late}.", "지연: {names}."),
    Entry("late", "{a} of {b}", "{b}의 {a}"),
]


@pytest.fixture
def korean(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.setattr(catalogue, "read_catalogue", lambda code: ENTRIES)
    return Catalogue(KOREAN)


@pytest.mark.parametrize(
    ("english", "expected"),
    {
        "Loss": "손실",
        "  Loss ": " 손실 ",
        "Loss of gallium": "gallium 손실",
        "Loss of gallium in 2026": "2026년 gallium 손실",
        "1,200 trials": "시행 1,200회",
        "It rests on 40% assumed, 60% known.": "근거: 가정 40%, 60% known.",
        "Too late: plant of gallium, mine of indium.": "지연: gallium의 plant, indium의 mine.",
    }.items(),
)
def test_a_text_is_found_with_figures_and_names_in_it(
    korean: Catalogue, english: str, expected: str
) -> None:
    assert korean.told(english) == expected


@pytest.mark.parametrize(
    "text",
    [
        "gallium",
        "",
        "many trials",  # no number stands in the place of one
        "plant of gallium",  # only means something in its context
        "The loss of gallium",
    ],
)
def test_any_other_text_stays_as_it_is(korean: Catalogue, text: str) -> None:
    assert korean.told(text) == text


def test_a_text_that_can_be_read_in_two_ways_stays_english(korean: Catalogue) -> None:
    """A name that has the words of an entry in it is not cut in two."""
    text = "Loss of Made in Korea in 2026"
    assert korean.told(text) in (text, "Made in Korea in 2026 손실")
    assert "in Korea년" not in korean.told(text)


def test_a_long_text_is_looked_up_where_there_is_one_way_to_read_it(korean: Catalogue) -> None:
    """All ways to cut 30,000 characters of a hostile name would take years."""
    name = "galli" + "um" * 15_000
    assert korean.told(f"Loss of {name} in 2026") == f"2026년 {name} 손실"
    hostile = "Loss of " + " in " * 7_500
    assert korean._templates[""][0].told(hostile, korean) is None
    words = [word for k in range(7_500) for word in ("a", " ")]
    assert _read("a " * 15_000, words) is None


def test_the_outermost_choice_of_a_language_stands() -> None:
    with speaking("ja"), speaking("ko"):
        assert spoken().code == "ja"
        assert say("Industry") == "産業"
    assert spoken().code == "en"
    with speaking(None), speaking("ko"):
        assert spoken().code == "ko"


def test_names_are_not_looked_up_in_markup() -> None:
    from riskengine.reports.html.parts import named, text

    with speaking("ko"):
        assert text("Industry", named("Industry")) == "Industry<bdi>Industry</bdi>"
        assert text("Industry") == "산업"


def test_markup_moves_to_where_it_belongs_and_words_are_escaped() -> None:
    from riskengine.reports.html.parts import named, strong, text

    with speaking("ja"):
        shown = text(
            named("<b>"), " is contested most: more is asked of it than it has on ", "3 & 4",
            " of 365 days, on average. It grants 7 t.",
        )  # fmt: skip
        assert shown.startswith(
            "競合が最も激しい供給プール：<bdi>&lt;b&gt;</bdi>。平均で365日のうち3 &amp; 4日"
        )
        assert strong("Only knowledge narrows the assumptions.").startswith("<strong>仮定")


def test_a_character_that_holds_the_place_of_markup_is_no_way_in() -> None:
    from riskengine.reports.html.parts import named, text

    with speaking("ko"):
        shown = text("\ufdd0 and ", named("gallium"))
    assert shown.count("<bdi>") == 1
