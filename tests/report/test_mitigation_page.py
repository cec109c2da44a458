"""mitigation.html: what it says and draws, and that no name becomes markup."""

from __future__ import annotations

import dataclasses
import math
import re
from itertools import pairwise

import pytest
from report.mitigation_worlds import (
    FINALISTS,
    FRONTIER,
    choice,
    hostile,
    option,
    other,
    portfolio,
    still,
    study,
    without_worlds,
)
from report.page_reading import Reader
from report.page_worlds import NASTY

from riskengine.mitigation.tables import MitigationTables
from riskengine.reports.html.charts import Pen, Size
from riskengine.reports.html.parts import text
from riskengine.reports.mitigation.page import (
    draw_frontier,
    draw_options,
    draw_synergies,
    mitigation_page,
)
from riskengine.reports.mitigation.sentences import UNSAID, answer
from riskengine.reports.mitigation.tables import synergy_grid

pytestmark = pytest.mark.whole

ALWAYS = ["answer", "frontier", "options", "synergy", "regret"]
LAST = ["beneficiaries", "unsaid", "notes", "study"]
WIDE, NARROW = Size(760.0, 360.0), Size(350.0, 320.0)


@pytest.fixture(scope="module")
def page() -> str:
    return mitigation_page(study())


def section(page: str, key: str) -> str:
    return page.split(f'<section id="{key}"')[1].split("</section>")[0]


def words_of(drawn: str) -> list[str]:
    return re.findall("<text[^>]*>([^<]*)</text>", drawn)


def drawn(draw: object, size: Size = WIDE) -> str:
    pen = Pen(size)
    draw(pen)  # type: ignore[operator]
    return pen.drawing.svg("k")


def paths(svg: str, colour: str) -> list[list[tuple[float, float]]]:
    """The corners of every shape of a colour."""
    shapes = re.findall(f'd="([^"]*)" style="[^"]*{re.escape(colour)}', svg)
    return [
        [(float(x), float(y)) for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", shape)]
        for shape in shapes
    ]


def test_a_page_has_its_sections_and_those_of_worlds_only_with_worlds(page: str) -> None:
    found = re.findall('<section id="([a-z]+)"', page)
    assert found == [*ALWAYS, "information", *LAST]
    fewer = mitigation_page(without_worlds(beneficiaries=(), interactions=()))
    rest = [*ALWAYS, *LAST]
    assert re.findall('<section id="([a-z]+)"', fewer) == [
        key for key in rest if key not in ("beneficiaries", "synergy")
    ]


def test_the_answer_stands_first_in_sentences(page: str) -> None:
    said = re.findall("<p[^>]*>(.*?)</p>", section(page, "answer"))
    told = [str(text(sentence)) for sentence in answer(study())]
    assert said[: len(told)] == told
    assert "One set of trials decides" in said[-1]


def test_what_the_study_does_not_say_is_said(page: str) -> None:
    assert re.findall("<li>(.*?)</li>", section(page, "unsaid")) == [
        str(text(sentence)) for sentence in UNSAID
    ]
    whole = " ".join(UNSAID)
    assert all(word in whole for word in ("prices", "market", "politics"))


def test_notices_are_on_the_page(page: str) -> None:
    assert "Two costs are assumptions." in section(page, "notes")
    assert "There is nothing to note." in mitigation_page(study(notices=()))


@pytest.mark.parametrize("tables", [study(), without_worlds(), hostile(NASTY)])
def test_a_page_is_well_formed_and_its_links_lead_somewhere(tables: object) -> None:
    whole = mitigation_page(tables)  # type: ignore[arg-type]
    found = Reader(whole)
    assert len(found.ids) == len(set(found.ids))
    assert found.targets <= set(found.ids)
    assert not found.tags & {"script", "img", "iframe", "object", "link"}
    assert "nan" not in re.sub("<[^>]*>", " ", whole).lower().split()


def test_a_page_asks_for_nothing(page: str) -> None:
    assert "default-src 'none'" in page
    assert not re.search("(src|href)=[\"'](?!#)", page)
    assert "url(" not in re.sub(r"url\(#[^)]*\)", "", page)


def test_no_name_becomes_markup() -> None:
    whole = mitigation_page(hostile(NASTY))
    assert "onerror=alert(1)&gt;" in whole
    assert "<img" not in whole


def test_the_same_tables_give_the_same_page(page: str) -> None:
    assert mitigation_page(study()) == page


def test_affordability_is_a_column_only_where_a_world_cannot_pay(page: str) -> None:
    assert "Affordable in" in section(page, "regret")
    paid = tuple(dataclasses.replace(row, affordable=1.0) for row in FINALISTS)
    assert "Affordable in" not in section(mitigation_page(study(finalists=paid)), "regret")


def test_many_beneficiaries_are_folded(page: str) -> None:
    assert "<details" not in section(page, "beneficiaries")
    for count, is_folded in ((30, False), (31, True)):
        many = study(beneficiaries=study().beneficiaries * count)
        assert ("<details" in section(mitigation_page(many), "beneficiaries")) == is_folded


def test_options_are_drawn_by_what_they_are_worth_and_decided_ones_are_not() -> None:
    decided = option("magnets", option="decided", fixed=True)
    tables = study(options=(*study().options, decided), interactions=())
    chart = section(mitigation_page(tables), "options").split("</svg>")[0]
    names = [word for word in words_of(chart) if word.isalpha()]
    assert names == ["plant", "magnets", "gallium", "germanium", "shed"]
    many = tuple(option("plant", option=f"o{'abcdefghijklmnopq'[k]}") for k in range(17))
    chart = section(mitigation_page(without_worlds(options=many, interactions=())), "options")
    names = [word for word in words_of(chart.split("</svg>")[0]) if word.isalpha()]
    assert len(names) == 15


# Charts


def test_the_frontier_has_a_diamond_for_each_choice_at_its_cost_and_its_change() -> None:
    svg = drawn(lambda pen: draw_frontier(study(), pen))
    diamonds = [shape for shape in paths(svg, "var(--blue)") if len(shape) == 4]
    middles = [
        (math.fsum(x for x, _ in shape) / 4.0, math.fsum(y for _, y in shape) / 4.0)
        for shape in diamonds
    ]
    # From one choice to the next, pixels move as cost and change do.
    moves = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(middles)]
    costs, changes = [82.0, 79.0, 170.0], [-2_600.0, -2_200.0, -2_200.0]
    assert [x / moves[0][0] for x, _ in moves] == pytest.approx(
        [cost / 82.0 for cost in costs], abs=1e-3
    )
    assert [y / moves[0][1] for _, y in moves] == pytest.approx(
        [change / -2_600.0 for change in changes], abs=1e-3
    )
    assert moves[0][1] > 0.0  # less loss is further down
    labels = words_of(svg)
    assert [label for label in labels if label in ("50", "100", "200", "400")].count("200") == 2
    assert "cost, USD million" in labels


def test_dots_and_diamonds_share_their_axes() -> None:
    """A choice stands on the dot of its portfolio: its change is the same in both sets of trials.

    The dot of nothing is a little to the right of the edge, so that it is drawn whole.
    """
    svg = drawn(lambda pen: draw_frontier(study(), pen))
    found = re.findall(r'd="M([-\d.]+) ([-\d.]+)A2 2[^"]*" style="fill: var\(--soft\)', svg)
    dots = sorted((float(x) + 2.0, float(y)) for x, y in found)
    diamonds = [shape for shape in paths(svg, "var(--blue)") if len(shape) == 4]
    for shape in diamonds:
        middle = math.fsum(x for x, _ in shape) / 4.0, math.fsum(y for _, y in shape) / 4.0
        assert min(math.dist(middle, dot) for dot in dots) < 0.1
    # The axis goes from 2 % of the last budget before 0 to 6 % beyond it, over 670 pixels.
    assert dots[0][0] == pytest.approx(66.0 + 670.0 * 0.02 / 1.08, abs=0.1)


def test_charts_are_as_high_as_their_rows_need(page: str) -> None:
    heights = {
        key: re.findall(r'viewBox="0 0 \d+ ([\d.]+)"', section(page, key))
        for key in ("frontier", "options", "synergy")
    }
    assert heights == {
        "frontier": ["360", "320"],
        "options": [f"{72 * 5 + 20}"] * 2,
        "synergy": [f"{34 * 5 + 50}"] * 2,
    }


def test_a_choice_at_two_budgets_is_one_diamond_with_both() -> None:
    rows = (choice(100.0, ("magnets",)), choice(150.0, ("magnets",)))
    svg = drawn(lambda pen: draw_frontier(study(frontier=rows), pen))
    assert "100, 150" in words_of(svg)
    assert len([shape for shape in paths(svg, "var(--blue)") if len(shape) == 4]) == 1


@pytest.mark.parametrize(("count", "lettered"), [(8, True), (9, False)])
def test_more_choices_than_there_is_room_for_are_not_lettered(count: int, lettered: bool) -> None:
    rows = tuple(choice(100.5 + k, ("magnets",), cost=82.0 + k) for k in range(count))
    svg = drawn(lambda pen: draw_frontier(study(frontier=rows), pen))
    assert ("100.5" in words_of(svg)) == lettered


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_budgets_are_lettered_at_any_width_and_steps_are_not(size: Size) -> None:
    def lettered(tables: MitigationTables) -> list[str]:
        svg = drawn(lambda pen: draw_frontier(tables, pen), size)
        return re.findall(r"text-anchor: start; fill: var\(--ink\)\">([^<]*)<", svg)

    tables = study()
    assert lettered(tables) == [f"{row.budget:g}" for row in tables.frontier]
    assert lettered(study(has_budgets=False)) == []


def test_portfolios_are_dots_if_they_can_stand_and_some_budget_pays_for_them() -> None:
    """Of 32 portfolios one costs exactly 340 and none more; the budget of 400 pays for all."""
    dots = re.compile('d="M[^"]*A2 2[^"]*" style="fill: var\\(--soft\\)')
    assert len(dots.findall(drawn(lambda pen: draw_frontier(study(), pen)))) == 32
    fewer = study(frontier=FRONTIER[:2], portfolios=(
        portfolio("magnets"), portfolio("plant"), portfolio("gallium", feasible=False),
        portfolio("germanium", tvar=math.nan),
    ))  # fmt: skip
    assert len(dots.findall(drawn(lambda pen: draw_frontier(fewer, pen)))) == 1
    many = study(portfolios=tuple(portfolio("magnets", cost=k / 100.0) for k in range(3_001)))
    assert len(dots.findall(drawn(lambda pen: draw_frontier(many, pen)))) == 501


def test_a_frontier_without_any_choice_can_be_drawn() -> None:
    empty = choice(100.0, (), portfolio="", cost=math.nan, difference=math.nan)
    for size in (WIDE, NARROW):
        svg = drawn(lambda pen: draw_frontier(without_worlds(frontier=(empty,)), pen), size)
        assert "nan" not in svg


def test_bars_are_as_long_as_effects_and_carry_their_figures() -> None:
    svg = drawn(lambda pen: draw_options(study(), study().options, pen))
    first = [shape for shape in paths(svg, "var(--blue)") if len(shape) == 4]
    lengths = [abs(shape[1][0] - shape[0][0]) for shape in first]
    sizes = [0.0, 0.0, 2_600.0, 3_900.0, 0.0]
    assert [length / lengths[3] for length in lengths] == pytest.approx(
        [size / 3_900.0 for size in sizes], abs=1e-3
    )
    assert first[3][1][0] < first[3][0][0]  # less loss is to the left
    labels = words_of(svg)
    for label in ("-3,900", "-2,200", "-3,050", "-1,750", "-900", "0"):
        assert label in labels


def test_a_shapley_value_has_no_interval_and_a_missing_effect_no_bar() -> None:
    bare = option("plant", first_in=math.nan, first_in_lower=math.nan, first_in_upper=math.nan)
    svg = drawn(lambda pen: draw_options(study(), [bare], pen))
    assert [len(paths(svg, f"var(--{colour})")) for colour in ("blue", "orange", "green")] == [
        0, 1, 1
    ]  # fmt: skip
    assert "nan" not in svg
    assert "nan" not in drawn(lambda pen: draw_options(study(), [still("shed")], pen))


def test_synergies_are_orange_above_zero_blue_below_and_deeper_where_stronger() -> None:
    svg = drawn(lambda pen: draw_synergies(synergy_grid(study()), pen))
    deep = re.findall(r"fill: var\(--(\w+)\); opacity: ([\d.]+)", svg)
    assert deep.count(("orange", "0.8")) == 2
    faint = [float(opacity) for colour, opacity in deep if colour == "blue"]
    assert sorted(set(faint)) == pytest.approx([0.06, 0.06 + 0.74 * 1_700.0 / 2_200.0], abs=1e-5)
    assert words_of(svg).count("2,200") == words_of(svg).count("-1,700") == 2


def test_a_chart_without_any_synergy_can_be_drawn() -> None:
    flat = tuple(dataclasses.replace(row, synergy=0.0) for row in study().interactions)
    grid = synergy_grid(study(interactions=flat))
    for size in (WIDE, NARROW):
        assert "nan" not in drawn(lambda pen: draw_synergies(grid, pen), size)


def test_a_large_grid_is_cut_and_said() -> None:
    options = tuple(option("plant", option=f"o{k:02}") for k in range(14))
    pairs = tuple(
        dataclasses.replace(study().interactions[0], first=a.option, second=b.option)
        for a, b in pairwise(options)
    )
    page = mitigation_page(study(options=options, interactions=pairs))
    assert "The 12 options with the strongest synergies." in section(page, "synergy")
    assert "strongest" not in section(mitigation_page(study()), "synergy")


def test_finalists_beyond_those_shown_are_in_a_file() -> None:
    many = tuple(other(200.0, f"p{k}", 0.0, float(k)) for k in range(20))
    page = mitigation_page(study(finalists=(*FINALISTS, *many)))
    assert "finalists.csv has all rows." in section(page, "regret")
