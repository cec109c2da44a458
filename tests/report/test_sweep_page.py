"""sweep.html: what it says for each method, and that no name becomes markup."""

from __future__ import annotations

import re

import pytest
from report.page_reading import Reader
from report.page_worlds import NASTY
from report.sweep_worlds import FORMULA, RATE, SCRIPT, SWEEPS, over, sweep, usual

from riskengine.reports.sweep.page import sweep_page

pytestmark = pytest.mark.whole

SECTIONS = {
    "one-at-a-time": ["answer", "drivers", "lines", "points", "notes", "sweep"],
    "grid": ["answer", "drivers", "lines", "heat", "points", "notes", "sweep"],
    "latin-hypercube": ["answer", "drivers", "uncertainty", "points", "notes", "sweep"],
    "sobol": ["answer", "drivers", "uncertainty", "points", "notes", "sweep"],
    "morris": ["answer", "drivers", "points", "notes", "sweep"],
}


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {method: sweep_page(usual(method)) for method in SWEEPS}


@pytest.fixture(scope="module")
def nasty() -> str:
    words = over(("industries", SCRIPT, "combine"), FORMULA, *NASTY, name=f'"{SCRIPT}".combine')
    return sweep_page(
        sweep("grid", parameters=(words, over(RATE, 0.1, 0.2)), title=SCRIPT, money=SCRIPT)
    )


@pytest.mark.parametrize("method", SWEEPS)
def test_each_method_has_the_sections_that_fit_it(pages: dict[str, str], method: str) -> None:
    assert re.findall('<section id="([a-z]+)"', pages[method]) == SECTIONS[method]


@pytest.mark.parametrize("method", SWEEPS)
def test_a_page_is_well_formed_and_its_links_lead_somewhere(
    pages: dict[str, str], method: str
) -> None:
    found = Reader(pages[method])
    assert len(found.ids) == len(set(found.ids))
    assert found.targets <= set(found.ids)
    assert not found.tags & {"script", "img", "iframe", "object", "link"}
    assert "nan" not in re.sub("<[^>]*>", " ", pages[method]).lower().split()


def test_the_same_tables_give_the_same_page(pages: dict[str, str]) -> None:
    assert sweep_page(usual("grid")) == pages["grid"]


def test_a_page_asks_for_nothing(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert "default-src 'none'" in page
        assert not re.search("(src|href)=[\"'](?!#)", page)
        assert "url(" not in re.sub(r"url\(#[^)]*\)", "", page)


def test_no_name_becomes_markup(nasty: str) -> None:
    found = Reader(nasty)
    assert not found.tags & {"img", "script"}
    assert "onerror=alert(1)&gt;" in nasty


def test_a_tornado_tells_its_settings_in_the_chart(pages: dict[str, str]) -> None:
    charts = re.findall("<svg.*?</svg>", pages["one-at-a-time"])
    assert "0.3: 402" in charts[0]
    assert "gallium.stocks.public.days" in charts[0]


def test_chance_and_what_is_not_known_are_told_apart(pages: dict[str, str]) -> None:
    assert "by chance), and between" in pages["sobol"]
    assert "given what we do not know" not in pages["grid"]


def test_a_failed_point_is_named_with_its_reason() -> None:
    page = sweep_page(sweep("grid", failed={3}))
    assert "1 of 16 points failed" in page
    assert "Point 3 failed: trial 3 has a loss of nan" in page
    assert "There are no indices of sensitivity" in page
    points = page.split('<section id="points"')[1].split("</section>")[0]
    cells = [re.findall("<bdi>([^<]*)</bdi>", row) for row in points.split("<tr>")]
    assert cells[5] == ["3", "failed", "0", "0.3", "-", "-", "-"]


def test_a_grid_too_large_to_draw_is_a_table() -> None:
    wide = over(("materials", "gallium", "stocks", "public", "days"), *range(0, 400, 20))
    page = sweep_page(sweep("grid", parameters=(wide, over(RATE, 0.1, 0.2))))
    heat = page.split('<section id="heat"')[1].split("</section>")[0]
    assert "<svg" not in heat
    assert heat.count("<tr>") == 3 * 21


def test_many_points_are_cut_and_said() -> None:
    wide = over(("materials", "gallium", "stocks", "public", "days"), *range(300))
    page = sweep_page(sweep("one-at-a-time", parameters=(wide,)))
    assert "101 more points are only there." in page


def test_figures_that_nothing_moves_are_drawn_all_the_same() -> None:
    for method in ("one-at-a-time", "grid"):
        assert "No parameter moves the mean." in sweep_page(sweep(method, of=lambda _: 5.0))
