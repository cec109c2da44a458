"""The ladder as a diagram: nothing overlaps, and it says what the config says."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import combinations, pairwise

import pytest
from random_configs import random_config
from report.ladder_worlds import Line, Picture, Rectangle, Words, measured, random_ladder
from report.page_reading import Reader
from report.page_worlds import NASTY, SCRIPT

from riskengine.config import load
from riskengine.drawing.lettering import fitted, text_width
from riskengine.model.scenario import Scenario
from riskengine.model.spelling import legible
from riskengine.reports.scenario.ladder import ladder_parts

SCRIPTS = "abc MWi%@ 0.9 éßő ЖШщ Ωλ 한글 漢字 עא عن ไทย \U0001f9f2 —…|"
SIZES = ((1, 1), (2, 3), (4, 3), (7, 10), (12, 10))  #: levels and disputes


def plain_ladder(seed: int) -> Scenario:
    levels, disputes = SIZES[seed % len(SIZES)]
    return random_ladder(
        seed, [f"lv{k}" for k in range(levels)], [f"dp{k}" for k in range(disputes)]
    )


def hostile_ladder(seed: int) -> Scenario:
    def names(count: int, what: str) -> list[str]:
        return [f"{what}{k} {NASTY[(seed + k) % len(NASTY)]}" for k in range(count)]

    return random_ladder(seed, names(5, ""), names(4, "d"))


KOREA = "configs/korea-2026.toml"
WORLDS: dict[str, Callable[[], Scenario]] = {
    **{f"plain {seed}": partial(plain_ladder, seed) for seed in range(len(SIZES))},
    **{f"hostile {seed}": partial(hostile_ladder, seed) for seed in range(3)},
    **{f"random {seed}": partial(lambda n: load(random_config(n)), seed) for seed in range(3)},
    "korea": partial(load, KOREA),
}


@cache
def world(name: str) -> Scenario:
    return WORLDS[name]()


@cache
def pictured(name: str, is_wide: bool) -> Picture:
    return Picture(world(name), is_wide=is_wide)


@pytest.fixture(params=WORLDS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def scenario(name: str) -> Scenario:
    return world(name)


@pytest.fixture(params=[True, False], ids=["desk", "phone"])
def picture(name: str, request: pytest.FixtureRequest) -> Picture:
    return pictured(name, request.param)


# What it looks like


def test_boxes_stand_apart_within_the_picture(picture: Picture) -> None:
    for box in picture.boxes:
        assert min(box.x, box.y) >= 0.0
        assert box.x + box.width <= picture.width
        assert box.y + box.height <= picture.height
    for one, other in combinations(picture.boxes, 2):
        is_beside = one.x + one.width < other.x or other.x + other.width < one.x
        is_below = one.y + one.height < other.y or other.y + other.height < one.y
        assert is_beside or is_below


def test_words_stand_inside_of_their_box_and_beside_each_other(picture: Picture) -> None:
    inside = 0
    for box in picture.boxes:
        words = picture.words_in(box)
        inside += len(words)
        for each in words:
            assert box.x < each.left
            assert each.right < box.x + box.width
            assert box.y + 8.0 < each.y < box.y + box.height - 3.0
        for one, other in pairwise(words):
            assert other.y - one.y > 12.0 or one.right < other.left
    assert inside == len(picture.words)


def test_lines_begin_and_end_at_edges_and_cross_no_box(picture: Picture) -> None:
    for line in picture.lines:
        picture.at_edge(*line.corners[0])
        picture.at_edge(*line.corners[-1], reach=6.0)
        for (x, y), (to_x, to_y) in pairwise(line.corners):
            assert x == to_x or y == to_y
            for box in picture.boxes:
                middle = (x + to_x) / 2.0, (y + to_y) / 2.0
                assert not (box.x < middle[0] < box.x + box.width and box.has(*middle))
                if x == to_x:
                    assert not box.x - 2.0 < x < box.x + box.width + 2.0
    ends = {(line.colour, target_place(picture, line)) for line in picture.lines}
    assert ends == {(colour, (round(x), round(y))) for colour, (x, y) in picture.tips}


def target_place(picture: Picture, line: Line) -> tuple[int, int]:
    """Where the tip of its arrow touches the box."""
    x, y = line.corners[-1]
    box = picture.at_edge(x, y, reach=6.0)
    return round(box.x if x < box.x else box.x + box.width), round(y)


def test_lines_lie_on_each_other_only_where_they_lead_to_the_same_place(picture: Picture) -> None:
    for axis in (0, 1):
        found = sorted(
            (start[axis], *sorted((start[1 - axis], end[1 - axis])), line.colour, place)
            for line in picture.lines
            for place in [target_place(picture, line)]
            for start, end in pairwise(line.corners)
            if abs(start[axis] - end[axis]) < 0.02
        )
        for number, (at, low, high, *way) in enumerate(found):
            for other_at, other_low, other_high, *other_way in found[number + 1 :]:
                if other_at - at >= 1.0:
                    break
                assert way == other_way or high < other_low or other_high < low


# What it says


def title_of(picture: Picture, box: Rectangle) -> str:
    """The name of a box, whole: where it is cut, its hint has it."""
    name = picture.words_in(box)[0]
    assert name.is_bold
    return (name.hint or name.shown).removesuffix(" *")


def figure_of(picture: Picture, line: Line) -> Words:
    """The words from which a line starts: those of its row that are nearest to its edge."""
    x, y = line.corners[0]
    row = [words for words in picture.words if abs(words.y - y) < 6.0]
    near = [w for w in row if min(abs(w.left - x), abs(w.right - x)) < 9.0]
    assert len(near) == 1
    return near[0]


def drawn(picture: Picture) -> Counter[tuple[str, str, str]]:
    """Every line: from, to, and what stands at its beginning."""
    return Counter(
        (
            title_of(picture, picture.at_edge(*line.corners[0])),
            title_of(picture, picture.at_edge(*line.corners[-1], reach=6.0)),
            figure_of(picture, line).shown,
        )
        for line in picture.lines
    )


def told(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """What the config says, each probability with three figures."""

    def share(probability: float) -> str:
        return f"{float(f'{100.0 * probability:.3g}'):.6g} %"

    for name, level in scenario.ladder.items():
        yield from ((name, to, share(p)) for to, p in level.next.items() if p > 0.0)
    for name, dispute in scenario.disputes.items():
        yield from ((name, to, share(p)) for to, p in dispute.entry.items() if p > 0.0)
        if dispute.active:
            yield name, dispute.active.level, "at day 0"
    for trigger in scenario.triggers.values():
        yield trigger.when, trigger.starts, share(trigger.probability)


def test_every_probability_of_the_config_starts_an_arrow_to_where_it_leads(
    scenario: Scenario, picture: Picture
) -> None:
    expected = Counter((legible(a), legible(b), figure) for a, b, figure in told(scenario))
    assert drawn(picture) == expected


def test_what_is_worse_is_orange_what_eases_is_blue_and_triggers_are_purple(
    scenario: Scenario, picture: Picture
) -> None:
    order = [legible(name) for name in ("resolved", *scenario.ladder)]
    for line in picture.lines:
        start = title_of(picture, picture.at_edge(*line.corners[0]))
        end = title_of(picture, picture.at_edge(*line.corners[-1], reach=6.0))
        if end not in order:
            expected = "purple"
        else:
            eases = start in order and order.index(end) < order.index(start)
            expected = "blue" if eases else "orange"
        assert line.colour == f"var(--{expected})"


def test_triggers_say_after_what_and_how_long_it_takes() -> None:
    shown = " ".join(words.shown for words in pictured("korea", True).words)
    assert "35 % starts china-korea 27 days (mean) after secondary-boycott" in shown
    assert "306 days (mean) after normalised-licensing" in shown
    assert "0.28 times a year, no material" in shown
    assert "other countries join" in shown


def test_levels_with_values_of_single_materials_are_marked() -> None:
    scenario = load(
        "configs/minimal.toml",
        [("materials.ndfeb-magnets.ladder", {"near-zero": {"sojourn": 10}})],
    )
    marked = [words.shown for words in Picture(scenario, is_wide=True).words if "*" in words.shown]
    assert marked == ["near-zero *", "* other values for ndfeb-magnets"]
    assert "A mark * leads" in "".join(ladder_parts(scenario))
    assert "A mark * leads" not in "".join(ladder_parts(load("configs/minimal.toml")))


def test_a_name_that_is_cut_is_whole_in_its_hint() -> None:
    scenario = random_ladder(1, ["long-" * 30, "short"], [SCRIPT, "d"])
    for is_wide in (True, False):
        picture = Picture(scenario, is_wide=is_wide)
        titles = {title_of(picture, box) for box in picture.boxes}
        assert titles == {"long-" * 30, "short", "resolved", SCRIPT, "d"}
        assert any(words.shown.endswith("…") for words in picture.words)


# The parts of a page


@pytest.mark.parametrize("seed", range(3))
def test_the_parts_are_sound_markup_whatever_the_names(seed: int) -> None:
    parts = "".join(ladder_parts(hostile_ladder(seed)))
    read = Reader(parts)
    assert not {"script", "img"} & read.tags
    assert len(set(read.ids)) == len(read.ids)
    assert parts == "".join(ladder_parts(hostile_ladder(seed)))


def test_readers_who_see_no_picture_are_told_what_it_is_and_have_tables() -> None:
    parts = "".join(ladder_parts(world("korea")))
    label = "Diagram of 4 levels, 3 disputes and 3 triggers. The tables below have all of it"
    assert parts.count(f'role="img" aria-label="{label}') == 2
    captions = re.findall("<caption><span>(.*?)</span></caption>", parts)
    assert captions == ["Disputes", "Escalation ladder, mildest level first", "Triggers"]


def test_of_what_nobody_could_read_there_are_tables_alone() -> None:
    scenario = random_ladder(1, [f"level {k}" for k in range(45)], ["quarrel"])
    parts = "".join(ladder_parts(scenario))
    assert "too much to draw" in parts
    assert "<svg" not in parts
    assert parts.count("<table") >= 2


# Lettering


@pytest.mark.parametrize("is_bold", [False, True])
def test_words_are_never_wider_than_told(is_bold: bool) -> None:
    dice = random.Random(5)
    signs = [*SCRIPTS, *map(chr, range(32, 127))]
    for _ in range(300):
        words = "".join(dice.choices(signs, k=dice.randint(1, 40)))
        assert measured(words, 12.0, is_bold=is_bold) <= text_width(words, 12.0, is_bold=is_bold)
        room = dice.uniform(5.0, 300.0)
        shown = fitted(words, room, 12.0, is_bold=is_bold)
        assert measured(shown, 12.0, is_bold=is_bold) <= room
        assert shown == words or shown == "" or words.startswith(shown.removesuffix("…"))


def test_plain_words_are_told_hardly_wider_than_they_are() -> None:
    words = "normalised-licensing, slow-licensing, near-zero 22.5 %"
    assert text_width(words, 12.0) < 1.06 * measured(words, 12.0)
