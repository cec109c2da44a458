"""batch.html and the sentences of a batch."""

from __future__ import annotations

import dataclasses
from html.parser import HTMLParser

import pytest
from figures.test_comparison import scaled
from report.batch_worlds import NAMES, SCALES, batch, beside, failed, hostile, losses, scenario
from report.page_worlds import NASTY

from riskengine.batches.outcome import BatchOutcome
from riskengine.batches.view import BatchView
from riskengine.reports.batch.page import batch_page
from riskengine.reports.batch.sentences import answer
from riskengine.reports.batch.tables import screen_tables
from riskengine.reports.screen import plain_text
from riskengine.reports.tables.changes import signed

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def page() -> str:
    made = batch()
    made = dataclasses.replace(made, scenarios=(*made.scenarios, failed()))
    return batch_page(made, [("riskengine", "0.9")])


class Tags(HTMLParser):
    """Counts tags, and notes what is fetched or run."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.fetched += [
            f"{tag} {name}"
            for name, value in attrs
            if name.startswith("on") or (name in ("src", "href") and not str(value).startswith("#"))
        ]


def tags(page: str) -> Tags:
    found = Tags()
    found.feed(page)
    return found


def test_the_page_has_its_charts_and_tables_and_fetches_nothing(page: str) -> None:
    found = tags(page)
    assert found.fetched == []
    assert found.seen["svg"] == 4  # bars and curves, for a desk and for a phone
    assert "script" not in found.seen
    for key in ("answer", "losses", "curves", "mixture", "industry", "material", "reference",
                "previous", "inputs", "failed", "notes", "batch"):  # fmt: skip
        assert f'id="{key}"' in page


def test_the_page_says_the_sentences_of_the_workbook(page: str) -> None:
    words = page.replace("&nbsp;", " ")
    for sentence in answer(BatchView(batch())):
        assert sentence in words
    assert "the config cannot be read: line 3: [run] is missing" in words


def test_no_name_becomes_markup() -> None:
    found = tags(batch_page(hostile([*NASTY, *NASTY[:1]])))
    assert found.fetched == []
    assert not {"script", "img", "b"} & set(found.seen)


def test_a_long_batch_shows_its_first_rows_and_says_where_the_others_are() -> None:
    base = scenario("korea", losses(), None)
    many = tuple(dataclasses.replace(base, name=f"시나리오 {k}") for k in range(200))
    made = BatchOutcome(title="t", money="USD million", scenarios=many)
    page = batch_page(made)
    assert "140 more rows are in the workbook." in page
    assert "시나리오 59" in page
    assert "시나리오 60" not in page
    assert tags(page).seen["svg"] == 4


def test_a_batch_that_just_fits_says_of_no_more_rows() -> None:
    base = scenario("korea", losses(), None)
    many = tuple(dataclasses.replace(base, name=f"s{k}") for k in range(60))
    page = batch_page(BatchOutcome(title="t", money="USD million", scenarios=many))
    assert "more rows are in the workbook" not in page
    assert "s59" in page


def test_a_small_change_has_its_sign() -> None:
    assert [signed(x) for x in (0.004, -0.004, 0.0)] == ["+0.00400", "-0.00400", "0"]


def test_the_sentences_name_the_worst_the_mildest_and_the_largest_changes() -> None:
    told = "\n".join(answer(BatchView(batch())))
    assert "long-ban is the worst scenario" in told
    assert "The mildest is more-stocks" in told
    assert "Against korea, TVaR 99 % rises most in long-ban" in told
    assert "and falls most in more-stocks" in told
    assert "Since Month-end, October 2026, TVaR 99 % rose most in korea" in told
    assert f"new {NAMES[-1]}; gone old-case; with changed inputs korea and more-stocks" in told
    assert "VaR 99 % of this mixture is USD" in told
    assert dict(zip(NAMES, SCALES, strict=True))["long-ban"] == max(SCALES)


def test_a_change_that_chance_may_explain_is_called_so() -> None:
    first = losses()
    # Seeds differ, so the runs are compared by their intervals.
    other = dataclasses.replace(scaled(first, 1.01), seed=first.seed + 1)
    made = batch(NAMES[:2], against_reference=(beside(NAMES[1], first, other),), previous=None)
    assert "which chance alone may explain" in "\n".join(answer(BatchView(made)))


def test_a_reference_that_nothing_differs_from_is_said_to_be_the_same() -> None:
    made = batch(NAMES[:2], against_reference=(beside(NAMES[1], losses(), losses()),),
                 previous=None)  # fmt: skip
    assert "TVaR 99 % is the same in more-stocks." in "\n".join(answer(BatchView(made)))


def test_one_scenario_is_not_called_the_worst() -> None:
    made = batch(NAMES[:1], previous=None, mixture=None, against_reference=())
    (told,) = answer(BatchView(made))
    assert told.startswith("korea loses USD")


def test_a_terminal_shows_a_row_for_each_scenario() -> None:
    made = batch()
    made = dataclasses.replace(made, scenarios=(*made.scenarios, failed()))
    shown = plain_text(screen_tables(BatchView(made)))
    assert [shown.count(f"\n  {name} ") for name in NAMES] == [1] * len(NAMES)
    assert "(mixture)" in shown
    assert "broken.toml" in shown
