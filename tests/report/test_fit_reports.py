"""The page and the workbook of a calibration: the same figures, whole, safe, self-contained."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from calibrate_worlds import fitted, history, read, right_censored

from riskengine.fits.calibration import Calibration
from riskengine.fits.cautions import cannot_tell, cautions
from riskengine.fits.fitting import described
from riskengine.reports.fit.page import fit_page
from riskengine.reports.fit.tables import all_tables, summary_tables
from riskengine.reports.fit.workbook import curve_points, fit_workbook
from riskengine.reports.screen import plain_text

pytestmark = pytest.mark.whole

SHEETS = ["Summary", "Fits", "Survival", "Onset", "Steps", "Data", "What it cannot tell"]


@pytest.fixture(scope="module")
def flow() -> Calibration:
    return fitted(history(), quantity="flow", by=("coercer",))


@pytest.fixture(scope="module")
def page(flow: Calibration) -> str:
    return fit_page(flow, cautions(flow), cannot_tell(flow))


@pytest.fixture(scope="module")
def data(flow: Calibration) -> bytes:
    return fit_workbook(flow, cautions(flow), cannot_tell(flow))


class Tags(HTMLParser):
    """Counts tags and keeps what links lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta",):
            self.open.append(tag)
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.add(str(value))
            if name == "id":
                self.ids.append(str(value))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_asks_for_nothing(page: str) -> None:
    tags = Tags(page)
    assert tags.open == []
    assert len(tags.ids) == len(set(tags.ids))
    assert {link[1:] for link in tags.links} <= set(tags.ids)
    assert not {"script", "img", "link", "iframe"} & set(tags.tags)
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=\"https?:", page)


def test_the_page_draws_both_wholes_twice_and_each_group_once(flow: Calibration, page: str) -> None:
    groups = sum(1 for group in flow.groups if group.group != "all" and group.n)
    assert page.count("<svg") == 2 * 2 + groups
    assert "share of episodes that last longer" in page


def test_the_page_has_the_figures_of_the_screen(flow: Calibration, page: str) -> None:
    assert plain_text(all_tables(flow))
    plain = re.sub(r"<[^>]+>", "", page).replace("&nbsp;", " ")
    for table in summary_tables(flow):
        for row in table.texts():
            for cell in row:
                assert cell in plain
    for sentence in (*cannot_tell(flow), *(n.message for n in cautions(flow))):
        assert sentence in plain.replace("&#x27;", "'")


def test_the_same_calibration_gives_the_same_page_and_workbook(
    flow: Calibration, page: str, data: bytes
) -> None:
    assert fit_page(flow, cautions(flow), cannot_tell(flow)) == page
    assert fit_workbook(flow, cautions(flow), cannot_tell(flow)) == data


def test_the_workbook_has_its_sheets_a_chart_a_series_and_native_numbers(
    flow: Calibration, data: bytes
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == SHEETS
    assert len(book["Survival"]._charts) == 2
    fits = [[cell.value for cell in row] for row in book["Fits"].iter_rows(min_row=3)]
    first = flow.groups[0].fits[0]
    names = dict(zip(first.figures, fits[1:], strict=False))
    for name, row in names.items():
        assert row[4] == first.family
        assert row[9] == pytest.approx(first.figures[name].value)
        assert row[10] == pytest.approx(first.figures[name].lower)
    assert "Median_near_zero_flow_all" in book.defined_names
    words = [row[0].value for row in book["What it cannot tell"].iter_rows() if row[0].value]
    assert words[2:] == cannot_tell(flow)


def test_the_data_sheet_has_every_duration_that_was_fitted(flow: Calibration, data: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Data"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    fitted_rows = [row for row in rows if isinstance(row[6], int | float)]
    assert len(fitted_rows) == sum(len(series.observations) for series in flow.series)
    assert {row[1] for row in fitted_rows} >= {"E01", "E13", "E17", "E43"}


def test_the_curve_in_the_workbook_steps_down_only() -> None:
    points = list(curve_points(described("all", right_censored([5, 9, 9, 30], [12, 50]))))
    assert [point.day for point in points] == sorted(point.day for point in points)
    assert np.all(np.diff([point.seen.value for point in points]) <= 0.0)
    assert points[0] == (0.0, (1.0, 1.0, 1.0))
    assert points[-1].day == 50
    corners = [
        (point.day, round(point.seen.value, 3)) for point in points if point.day in (5, 9, 30)
    ]
    assert corners == [(5, 1.0), (5, 0.833), (9, 0.833), (9, 0.5), (30, 0.5), (30, 0.25)]


def test_a_table_without_dates_links_or_ends_in_a_group_is_reported_too(tmp_path: Path) -> None:
    rows = "".join(f"{k * 7 + 3},{int(k > 8)},{'x' if k < 9 else 'open'}\n" for k in range(12))
    found = fitted(read(tmp_path, f"duration_days,censored,kind\n{rows}"), by=("kind",))
    page = fit_page(found, cautions(found), cannot_tell(found))
    assert "there are no rates" in page
    assert "there are no steps to count" in page
    assert "not fitted" in page
    book = openpyxl.load_workbook(io.BytesIO(fit_workbook(found, [], [])))
    assert book.sheetnames == SHEETS


def test_names_stay_text_in_page_and_workbook(tmp_path: Path) -> None:
    nasty = "</title><script>alert(1)</script>=1+1"
    rows = "".join(f"{k + 5},0,{nasty}\n" for k in range(6))
    found = fitted(read(tmp_path, f"duration_days,censored,kind\n{rows}"), by=("kind",))
    page = fit_page(found, cautions(found), cannot_tell(found))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    book = openpyxl.load_workbook(io.BytesIO(fit_workbook(found, [], [])))
    cells = [cell for row in book["Summary"] for cell in row if cell.value == nasty]
    assert cells
    assert all(cell.data_type == "s" for cell in cells)
