"""A story as text and as a page: readable at any width, harmless whatever the names."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest
from report.story_worlds import HOSTILE, known_config, known_replay

from riskengine.config import load
from riskengine.figures.standing import choices, chosen_row
from riskengine.play.replay import replay
from riskengine.reports.screen import plain_text, width_of
from riskengine.reports.story.shown import story_page, story_tables, sum_line, timeline_text
from riskengine.reports.story.story import Story, story

CHOICES = choices([0.9, 0.95, 0.99, 0.995])


def known_story(name: str = "gallium") -> Story:
    return story(known_replay(name))


class Tags(HTMLParser):
    """Collects the elements of a page and what they say."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    tags.close()
    assert tags.open == []
    return tags


def test_a_moment_stands_in_front_of_its_first_sentence_only() -> None:
    lines = timeline_text(known_story(), 200).splitlines()
    assert lines[0].startswith("  2026-01-08 (day 0)     gallium (China against Korea)")
    assert lines[1].startswith(" " * 25 + "gallium: slow")
    assert sum("day 0)" in line for line in lines) == 1


@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.parametrize("name", ["gallium", "갈륨 " * 8, HOSTILE])
def test_lines_keep_to_the_width_in_any_script(width: int, name: str) -> None:
    lines = timeline_text(known_story(name), width).splitlines()
    assert max(map(width_of, lines)) <= width
    words = "".join(lines).replace(" ", "")
    for event in known_story(name).events:
        assert event.text.replace(" ", "") in words


@pytest.mark.costly
def test_a_figure_is_not_torn_from_its_per_cent_sign() -> None:
    for width in range(60, 130):
        lines = timeline_text(known_story(), width).splitlines()
        assert not [line for line in lines if line.strip().startswith("%")]


@pytest.mark.parametrize("name", [HOSTILE, "a\tb", "\x1b[2J"])
def test_a_name_cannot_steer_the_terminal(name: str) -> None:
    told = story(known_replay("gallium"))
    bent = told.events[0]._replace(text=f"{name} breaks out")
    for event in (*known_story(HOSTILE).events, bent):
        shown = timeline_text(_with_events(told, event), 100)
        assert all(line.isprintable() for line in shown.splitlines())


def test_a_quiet_trial_says_so() -> None:
    assert "no dispute broke out" in timeline_text(_with_events(known_story()), 80)
    assert "no dispute broke out" in story_page(_with_events(known_story()), [], "")


def test_the_tables_show_every_component_and_the_total() -> None:
    shown = plain_text(story_tables(known_story()))
    for words in ("Output", "Rerouting", "Price", "Indirect", "Total", "chips", "EUR million"):
        assert words in shown
    # 0.4 for 3.75 days, 0.25 for 6.25 days, 0.2 for 23.75 days, of 10 a day; 0.3 x 0.4 x 30 days
    assert "78.1250" in shown
    assert "3.6000" in shown


def test_amounts_in_a_table_have_the_decimals_of_the_total() -> None:
    table = story_tables(known_story())[0]
    assert table.texts()[0] == ["chips", "78.1250", "3.6000", "-", "-", "81.7250"]
    assert table.texts()[-1][0] == "Total"
    assert table.texts()[-1][1:] == table.texts()[0][1:]


def test_the_sum_is_given_to_the_last_digit() -> None:
    told = known_story()
    assert f"EUR {told.losses.total!r} million" in sum_line(told)
    assert "to the last bit" in sum_line(told)


def test_industries_and_trials_without_loss_are_not_rows() -> None:
    config = known_config()
    config["industries"]["toys"] = {"value_added_per_year": 1.0, "uses": {}}
    config["materials"]["gallium"]["stocks"]["gallium stock"]["days"] = 1000
    tables = story_tables(story(replay(load(config), 0, 1)))
    assert {table.key for table in tables} >= {"industries", "materials"}
    assert "No loss: toys." in plain_text(tables)


def test_a_page_is_one_file_without_script_and_network() -> None:
    page = story_page(known_story(), ["Trial 0"], "Checked.")
    tags = parsed(page)
    assert not tags.seen & {"script", "link", "img", "iframe"}
    assert not {name for name in tags.attributes if name.startswith("on")}
    assert tags.attributes.isdisjoint({"src", "href"})
    assert "http" not in page.replace("http-equiv", "")
    assert "url(" not in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_a_page_holds_all_that_the_text_holds() -> None:
    told = known_story()
    words = " ".join(parsed(story_page(told, ["Trial 0"], "Checked.")).words)
    words = words.replace("\xa0", " ")
    for event in told.events:
        assert event.text in words
    for table in story_tables(told):
        assert all(cell in words for row in table.texts() for cell in row)
    assert sum_line(told) in words
    assert "Checked." in words


def test_a_name_is_text_on_a_page() -> None:
    page = story_page(known_story(HOSTILE), [HOSTILE], f"\u202e{HOSTILE}")
    tags = parsed(page)
    assert "script" not in tags.seen
    assert "\u202e" not in page
    assert "갈륨" in page
    assert '<script>alert("x")</script>' in "".join(tags.words)


@pytest.mark.parametrize(
    ("at", "row"),
    [
        ("var90", 8),
        ("var95", 9),
        ("var99", 9),
        ("var99.5", 9),
        ("var995", 9),
        ("median", 4),
        ("mean", 5),
        ("max", 9),
    ],
)
def test_the_trial_at_a_level_is_the_one_with_its_loss(at: str, row: int) -> None:
    losses = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 20.0])
    assert chosen_row(losses, CHOICES[at]) == row


@pytest.mark.parametrize("at", CHOICES)
def test_the_first_of_equal_trials_is_taken(at: str) -> None:
    assert chosen_row(np.array([7.0, 7.0, 7.0]), CHOICES[at]) == 0


def _with_events(told: Story, *events: object) -> Story:
    return Story(**{name: getattr(told, name) for name in Story.__slots__} | {"events": events})
