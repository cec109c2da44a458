"""The page of a results folder: whole, harmless whatever the names, and the same every time."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report.page_worlds import NASTY, SCRIPT, config, stored

from riskengine.model.spelling import legible
from riskengine.reports.run.page import report_page
from riskengine.store.results import StoredResults

pytestmark = pytest.mark.whole

MOST_BYTES = 3_000_000
SECTIONS = [
    "answer",
    "curve",
    "losses",
    "supply",
    "time",
    "story",
    "sure",
    "ladder",
    "assumptions",
    "notes",
    "run",
]
VOID = {"meta", "br", "img", "link", "input"}
ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "p", "nav",
    "ul", "ol", "li", "main", "section", "div", "span", "dl", "dt", "dd", "b", "bdi", "strong",
    "details", "summary", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure",
    "figcaption", "svg", "g", "path", "use", "text", "defs", "clippath", "rect",
}  # fmt: skip


class Page(HTMLParser):
    """Reads a page and refuses what does not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words).replace("\xa0", " ")

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StoredResults:
    return stored(tmp_path_factory.mktemp("page") / "plain", config())


@pytest.fixture(scope="module")
def html(results: StoredResults) -> str:
    return report_page(results)


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> str:
    scenario = config(NASTY, title=f"{SCRIPT}\u202e", money=f"{SCRIPT} million", trials=1_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return report_page(stored(tmp_path_factory.mktemp("page") / "nasty", scenario))


def without(results: StoredResults, *names: str) -> StoredResults:
    """The same results as an earlier version would have left them."""
    files = {name: about for name, about in results.manifest["files"].items() if name not in names}
    return replace(results, manifest={**results.manifest, "files": files})


def test_a_page_has_every_section_and_its_contents_lead_to_each(html: str) -> None:
    page = Page(html)
    assert [section["id"] for section in page.all("section")] == SECTIONS
    targets = {link["href"] for link in page.all("a")}
    assert targets >= {f"#{name}" for name in SECTIONS}


def test_the_same_folder_gives_the_same_bytes(results: StoredResults, html: str) -> None:
    assert report_page(results) == html


def test_a_page_is_small_and_asks_for_nothing(html: str, nasty: str) -> None:
    for page in (html, nasty):
        assert len(page.encode()) < MOST_BYTES
        assert "default-src 'none'" in page
        for _, attributes in Page(page).elements:
            links = [attributes.get(name, "") for name in ("href", "src", "xlink:href")]
            assert all(link == "" or link.startswith("#") for link in links)
        assert "url(http" not in page


def test_names_bring_no_element_and_no_attribute_into_a_page(nasty: str) -> None:
    page = Page(nasty)
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name.startswith("on") or name in ("src", "xmlns")}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_comes_back_as_text(nasty: str, name: str) -> None:
    assert legible(name) in Page(nasty).text


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_stands_in_the_charts_as_it_is(nasty: str, name: str) -> None:
    drawn = re.findall(r"<svg.*?</svg>", nasty)
    lettering = "".join(Page(svg).text for svg in drawn)
    assert legible(name)[:12] in lettering


@pytest.mark.parametrize("money", ["억원", "百万円", "US$ and A$", "@0@", "د.إ"])
def test_a_unit_of_money_in_any_script_stands_on_the_charts(tmp_path: Path, money: str) -> None:
    page = report_page(stored(tmp_path / "run", config(money=money, trials=300)))
    lettered = re.findall("<text[^>]*>([^<]*)</text>", page)
    # The exceedance curve, and losses by industry and by material: each for a desk and a phone.
    assert sum(money in unescape(words) for words in lettered) >= 6


def test_no_letter_turns_the_direction_of_the_page(nasty: str) -> None:
    assert "\u202e" not in nasty
    assert "<bdi>" in nasty


def test_charts_take_their_colours_from_the_page(html: str) -> None:
    drawn = re.findall(r"<svg.*?</svg>", html)
    assert len(drawn) > 10
    for svg in drawn:
        assert not re.findall("#[0-9a-f]{6}", svg.replace("#000000", ""))
        assert "var(--" in svg
        assert "DejaVu" not in svg


def test_every_chart_says_what_it_shows(html: str) -> None:
    for drawing in Page(html).all("svg"):
        assert drawing["role"] == "img"
        assert len(drawing["aria-label"]) > 20


def test_every_chart_has_a_caption_and_all_but_the_sum_have_numbers(html: str) -> None:
    page = Page(html)
    figures = len(page.all("figure"))
    assert len(page.all("figcaption")) == figures
    assert sum("numbers" in d.get("class", "") for d in page.all("details")) == figures - 1


def test_ids_are_unique_and_what_refers_to_one_finds_it(html: str) -> None:
    page = Page(html)
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    used = {a["href"][1:] for a in page.all("use")}
    used |= {a["clip-path"][5:-1] for _, a in page.elements if "clip-path" in a}
    assert used
    assert used <= set(ids)


def test_a_folder_of_an_earlier_version_still_has_a_page(results: StoredResults) -> None:
    earlier = without(results, "timeline.csv", "stories.json", "survival.parquet")
    text = Page(report_page(earlier)).text
    for name in ("timeline.csv", "stories.json", "survival.parquet"):
        assert name in text


@pytest.mark.parametrize("trials", [1, 2, 50])
def test_a_run_of_few_trials_has_a_page_that_says_so(tmp_path: Path, trials: int) -> None:
    text = Page(report_page(stored(tmp_path / "few", config(trials=trials)))).text
    assert "Fewer than 20 of the" in text
    assert "nan" not in re.findall(r"[a-z]+", text)


def test_figures_are_seen_to_settle_however_late_the_first_loss_comes(tmp_path: Path) -> None:
    """Of two trials the second alone has a loss: the mean of the first half is 0."""
    found = (stored(tmp_path / f"{k}", config(trials=2, seed=k)) for k in range(1, 50))
    late = next(
        each
        for each in found
        if list(each.table("losses.parquet")["total"].to_numpy() > 0.0) == [False, True]
    )
    assert "Each figure from the first trials of the run only" in Page(report_page(late)).text


def test_a_run_without_any_loss_says_so_in_place_of_charts(tmp_path: Path) -> None:
    scenario = config(trials=500)
    for dispute in scenario["disputes"].values():
        dispute["rate_per_year"] = 0.0
    text = Page(report_page(stored(tmp_path / "quiet", scenario))).text
    assert "There is no curve to show" in text
    assert "no industry loses anything" in text


def test_a_run_without_a_date_counts_days(tmp_path: Path) -> None:
    scenario = config(trials=500)
    del scenario["run"]["valuation_date"]
    page = report_page(stored(tmp_path / "undated", scenario))
    assert "a time of 365 days" in page
    assert "day 100" in page


def test_many_industries_and_materials_share_what_room_there_is(tmp_path: Path) -> None:
    names = [f"material {k}" for k in range(15)]
    page = report_page(stored(tmp_path / "many", config(names, trials=300)))
    assert "4 others" in page
    assert "3 materials with less loss are left out." in page
    assert "3 more stand in the table." in page
    assert len(page.encode()) < MOST_BYTES
