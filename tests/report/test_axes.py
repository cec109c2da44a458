"""Axes that draw SVG: held against matplotlib, whose calls they understand."""

from __future__ import annotations

import math
import random
import re
from html import unescape

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure as TheirFigure
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from riskengine.drawing.axes import Drawing, _labels, _round_ticks
from riskengine.drawing.svg import BLUE

STEPS = [1, 2, 2.5, 5, 10]  # matplotlib's own, for automatic ticks
PLACES = re.compile(r"-?\d+\.?\d*")


def limits(seed: int) -> list[tuple[float, float, int]]:
    """Limits of axes of any size, and how many ticks may fit between them."""
    dice = random.Random(seed)
    found = []
    for _ in range(400):
        size = 10.0 ** dice.uniform(-4.0, 6.0)
        low = dice.choice([0.0, dice.uniform(-1.0, 1.0) * size])
        found.append((low, low + size * dice.uniform(0.05, 1.0), dice.randint(2, 9)))
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_ticks_are_those_of_matplotlib(seed: int) -> None:
    for low, high, most in limits(seed):
        locator = MaxNLocator(nbins=most, steps=STEPS, min_n_ticks=2)
        theirs = [tick for tick in locator.tick_values(low, high) if low <= tick <= high]
        assert _round_ticks(low, high, most) == pytest.approx(theirs, abs=1e-9 * (high - low))


def test_ticks_are_told_as_matplotlib_tells_them() -> None:
    for low, high, most in limits(3):
        if high > 1e5 or high - low < 0.01 * abs(high) or high < 1e-3:
            continue  # there matplotlib tells a power of ten apart
        ticks = _round_ticks(low, high, most)
        formatter = ScalarFormatter(useOffset=False)
        formatter.create_dummy_axis()
        assert formatter.axis is not None
        formatter.axis.set_view_interval(low, high)
        theirs = formatter.format_ticks(ticks)
        assert [label.replace(",", "") for label in _labels(ticks)] == theirs


def test_thousands_of_ticks_are_apart() -> None:
    assert _labels([0.0, 2_500.0, 1_000_000.0]) == ["0", "2,500", "1,000,000"]


def drawn(xs: list[float], ys: list[float], *, is_log: bool = False) -> tuple[str, TheirFigure]:
    """The same line by both, in a chart of 300 by 200 pixels."""
    figure = Drawing(300.0, 200.0)
    axes = figure.add_axes(40.0, 20.0, 280.0, 160.0)
    with mpl.rc_context():
        mpl.rcdefaults()
        theirs = TheirFigure(figsize=(300 / 72, 200 / 72), dpi=72)
        other = theirs.add_axes((40 / 300, 40 / 200, 240 / 300, 140 / 200))
    axes.plot(xs, ys, color=BLUE)
    other.plot(xs, ys)
    if is_log:
        axes.set_xscale("log")
        other.set_xscale("log")
        axes.set_xlim(xs[0], xs[-1])
        other.set_xlim(xs[0], xs[-1])
    axes.set_ylim(0.0, None)
    other.set_ylim(0.0, None)
    return figure.svg("k"), theirs


def path_of(svg: str) -> list[tuple[float, float]]:
    """The points of the blue line, in pixels."""
    path = next(m[1] for m in re.finditer(r'd="([^"]*)"([^>]*)', svg) if BLUE in m[2])
    numbers = [float(number) for number in PLACES.findall(path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@pytest.mark.parametrize("is_log", [False, True])
def test_a_line_runs_where_matplotlib_draws_it(is_log: bool) -> None:
    xs, ys = [0.5, 0.2, 0.1, 0.03, 0.01], [1.0, 4.0, 9.0, 7.5, 31.0]
    svg, theirs = drawn(xs, ys, is_log=is_log)
    places = theirs.axes[0].transData.transform(list(zip(xs, ys, strict=True)))
    expected = [(x, 200.0 - y) for x, y in places.tolist()]
    for found, place in zip(path_of(svg), expected, strict=True):
        assert found == pytest.approx(place, abs=0.006)  # two decimals


def test_an_axis_without_data_or_with_one_value_is_drawn_too() -> None:
    for values in ([], [3.0], [0.0, 0.0]):
        figure = Drawing(100.0, 80.0)
        figure.add_axes(10.0, 10.0, 90.0, 60.0).plot(values, values, marker="o")
        svg = figure.svg("k")
        assert "nan" not in svg
        assert "inf" not in svg


def test_a_value_that_is_not_there_interrupts_a_line() -> None:
    figure = Drawing(100.0, 80.0)
    axes = figure.add_axes(0.0, 0.0, 100.0, 80.0)
    axes.plot([0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 1.0, math.nan, 1.0, 0.0], color=BLUE)
    axes.set_xlim(0.0, 4.0)
    axes.set_ylim(0.0, 1.0)
    svg = figure.svg("k")
    assert 'd="M0.00 80.00L25.00 0.00M75.00 0.00L100.00 80.00"' in svg


def test_steps_keep_each_value_until_the_next() -> None:
    figure = Drawing(100.0, 100.0)
    axes = figure.add_axes(0.0, 0.0, 100.0, 100.0)
    axes.step([0.0, 50.0, 100.0], [0.0, 100.0, 50.0], where="post", color=BLUE, linewidth=1.0)
    axes.set_xlim(0.0, 100.0)
    axes.set_ylim(0.0, 100.0)
    line = [(0.0, 100.0), (50.0, 100.0), (50.0, 0.0), (100.0, 0.0), (100.0, 50.0)]
    assert path_of(figure.svg("k")) == line


def test_words_are_text_whatever_they_contain() -> None:
    figure = Drawing(100.0, 80.0)
    axes = figure.add_axes(10.0, 10.0, 90.0, 60.0)
    words = '$갈륨_{x}$ </text><script>"&amp;'
    axes.set_xlabel(words)
    axes.text(0.5, 0.5, words, transform="axes")
    axes.annotate(words, (0.0, 0.0), (3, 4), color=BLUE)
    axes.set_yticks([0.0], [words])
    figure.text(0.1, 0.1, words)
    svg = figure.svg("k")
    assert "<script" not in svg
    assert [unescape(found) for found in re.findall("<text[^>]*>([^<]*)</text>", svg)].count(
        words
    ) == 5


def test_words_stand_where_they_are_put() -> None:
    """By hand: axes of 100 by 100 pixels, of which one unit is 10 pixels."""
    figure = Drawing(120.0, 120.0)
    axes = figure.add_axes(10.0, 10.0, 110.0, 110.0)
    axes.set_xlim(0.0, 10.0)
    axes.set_ylim(0.0, 10.0)
    axes.set_xticks([], [])
    axes.set_yticks([], [])
    axes.text(2.0, 3.0, "data")
    axes.text(0.5, 1.1, "axes", transform="axes")
    axes.text(0.5, 3.0, "row", transform="row")
    axes.text(2.0, 3.0, "middle", va="center", ha="center", fontsize=10.0)
    axes.annotate("beside", (2.0, 3.0), (6, -4), color=BLUE)
    figure.text(0.25, 0.75, "figure")
    found = {
        words: (float(x), float(y))
        for x, y, words in re.findall(
            '<text x="([^"]*)" y="([^"]*)"[^>]*>([^<]*)<', figure.svg("k")
        )
    }
    assert found == {
        "data": (30.0, 80.0),
        "axes": (60.0, 0.0),
        "row": (60.0, 80.0),
        "middle": (30.0, 83.8),
        "beside": (36.0, 84.0),
        "figure": (30.0, 30.0),
    }


def test_labels_stand_where_matplotlib_puts_them_and_ticks_beyond_the_limits_are_left_out() -> None:
    """Places of a chart of matplotlib 3.11: labels of 12 and 10 pixels, and the words below."""
    figure = Drawing(760.0, 380.0)
    axes = figure.add_axes(52.0, 26.0, 732.0, 328.0)
    axes.set_xlim(0.0, 1e-7)
    axes.set_ylim(0.0, 10.0)
    axes.set_xticks([-1e-7, 0.0, 0.5e-7, 1.5e-7], ["before", "first", "middle", "after"])
    axes.set_yticks([-1.0, 0.0, 11.0], ["below", "0", "above"])
    axes.set_xlabel("along")
    svg = figure.svg("k")
    words = r'<text x="([^"]*)" y="([^"]*)"[^>]*text-anchor: (\w+)[^>]*>([^<]*)<'
    found = {m[4]: (float(m[1]), float(m[2]), m[3]) for m in re.finditer(words, svg)}
    assert found == {
        "first": (52.0, 344.12, "middle"),
        "middle": (392.0, 344.12, "middle"),
        "along": (392.0, 360.12, "middle"),
        "0": (45.0, 332.56, "end"),
    }
    axes.tick_params(axis="x", labelsize=10)
    assert 'y="342.60"' in figure.svg("k")


def test_shapes_end_at_the_axes_unless_they_may_go_beyond() -> None:
    figure = Drawing(100.0, 80.0)
    axes = figure.add_axes(10.0, 10.0, 90.0, 60.0)
    axes.plot([0.0, 1.0], [0.0, 1.0], color="inside")
    axes.plot([0.0, 1.0], [0.0, 1.0], color="beyond", marker="s", clip_on=False)
    paths = re.findall("<path[^>]*>", figure.svg("k"))
    assert all('clip-path="url(#k0)"' in path for path in paths if "inside" in path)
    assert not any("clip-path" in path for path in paths if "beyond" in path)
    assert sum("beyond" in path for path in paths) == 3


@pytest.mark.parametrize(("marker", "area"), [("o", math.pi * 25.0), ("s", 100.0), ("D", 100.0)])
def test_marks_have_the_size_that_matplotlib_gives_them(marker: str, area: float) -> None:
    figure = Drawing(100.0, 100.0)
    axes = figure.add_axes(0.0, 0.0, 100.0, 100.0)
    axes.plot([50.0], [50.0], color=BLUE, marker=marker, markersize=10.0)
    points = path_of(figure.svg("k"))
    if marker == "o":
        (left, _), (radius, _), *_ = points
        assert math.pi * radius**2 == pytest.approx(area)
        assert left == pytest.approx(45.0)
        return
    turned = [*points[1:], points[0]]
    cross = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, turned, strict=True))
    assert abs(cross) / 2.0 == pytest.approx(area, rel=0.01)


def test_later_shapes_lie_over_earlier_ones_and_words_over_all() -> None:
    figure = Drawing(100.0, 100.0)
    axes = figure.add_axes(0.0, 0.0, 100.0, 100.0)
    axes.text(0.0, 0.0, "words", color="fourth")
    axes.plot([0.0], [0.0], marker="o", color="sixth", zorder=6)
    axes.plot([0.0, 1.0], [0.0, 1.0], color="third")
    axes.barh(0.0, 1.0, color="first")
    axes.fill_between([0.0, 1.0], 0.0, [1.0, 1.0], color="second")
    svg = figure.svg("k")
    order = ["var(--line)", "first", "second", "third", "fourth", "sixth"]
    assert sorted(order, key=svg.index) == order
