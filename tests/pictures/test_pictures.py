"""The pictures of the docs are what `make pictures` makes, and can be shown anywhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from report.ladder_worlds import measured

from tests.pictures.regenerate import main
from tests.pictures.screens import SCREENS, taken
from tests.pictures.subjects import DRAWN, HOME, ROOT, Subjects
from tests.pictures.taking import charts, picture

MOST_BYTES = 200_000
SVG = "{http://www.w3.org/2000/svg}"
AT_ONCE = "ladder"  #: plays no trials


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Subjects:
    return Subjects(tmp_path_factory.mktemp("pictures"))


def kept(name: str) -> str:
    return (HOME / f"{name}.svg").read_text("utf-8")


def test_the_ladder_is_the_one_that_the_shipped_case_has(subjects: Subjects) -> None:
    assert subjects.drawn(AT_ONCE) == kept(AT_ONCE)


@pytest.mark.whole
@pytest.mark.parametrize("name", sorted({*DRAWN} - {AT_ONCE}))
def test_a_picture_is_what_the_shipped_case_gives(subjects: Subjects, name: str) -> None:
    assert subjects.drawn(name) == kept(name)


def test_there_is_no_picture_that_the_command_does_not_make() -> None:
    assert {path.name for path in HOME.iterdir()} == {*SCREENS, *(f"{name}.svg" for name in DRAWN)}


def test_every_picture_is_shown_by_a_page_and_every_picture_shown_is_there() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = {
        (page.parent / link).resolve()
        for page in pages
        for link in re.findall(r"!\[[^\]]+\]\(([^)]*pictures/[^)]*)\)", page.read_text("utf-8"))
    }
    assert shown == set(HOME.iterdir())


@pytest.mark.parametrize("path", sorted(HOME.iterdir()), ids=lambda path: path.name)
def test_a_picture_is_small(path: Path) -> None:
    assert path.stat().st_size < MOST_BYTES


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawn_picture_is_sound_fetches_nothing_and_says_what_it_is(name: str) -> None:
    root = ElementTree.fromstring(kept(name))  # noqa: S314 our own
    assert root.tag == f"{SVG}svg"
    assert len(root.get("aria-label", "")) > 40
    assert {"script", "image", "a"}.isdisjoint(each.tag.removeprefix(SVG) for each in root.iter())
    assert re.findall(r"url\((?!#)|https?://(?!www\.w3\.org/2000/svg\")", kept(name)) == []
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(set(ids)) == len(ids)
    assert {*re.findall(r"url\(#([^)]*)\)", kept(name))} <= {*ids}
    made_from = root.findtext(f"{SVG}desc") or ""
    config = re.findall(r"configs/\S*\.toml", made_from)
    assert len(config) == 1
    assert (HOME.parents[1] / config[0]).exists()


@pytest.mark.parametrize("name", DRAWN)
def test_every_colour_of_a_drawn_picture_is_given_in_it(name: str) -> None:
    used = set(re.findall(r"var\((--\w+)\)", kept(name)))
    assert used
    assert used <= set(re.findall(r"(--\w+):", kept(name)))


@pytest.mark.parametrize("name", DRAWN)
def test_title_and_caption_have_room(name: str) -> None:
    root = ElementTree.fromstring(kept(name))  # noqa: S314 our own
    lines = root.findall(f"{SVG}text")
    assert len(lines) >= 1 + (name != "tornado")
    for line in lines:
        assert "\\" not in (line.text or "")  # as a character is shown that has no look
        look = line.get("style", "")
        size = float(re.findall(r"font-size: ([\d.]+)px", look)[0])
        wide = measured(line.text or "", size, is_bold="bold" in look)
        assert float(line.get("x", "")) + wide < float(root.get("width", ""))


def test_without_the_programs_their_pictures_stay_and_each_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    before = {name: (HOME / name).stat().st_mtime_ns for name in SCREENS}
    found = dict(taken(Subjects(tmp_path)))
    assert {path.name for path in found} == set(SCREENS)
    assert found[HOME / "report-page.png"] == "chromium or google-chrome is not installed"
    assert found[HOME / "risk-summary.png"] == "soffice is not installed"
    assert main(["screens"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in shown] == [f"docs/pictures/{name}" for name in SCREENS]
    assert all(": LEFT OUT, it stays as it was: " in line for line in shown)
    assert {name: (HOME / name).stat().st_mtime_ns for name in SCREENS} == before


def test_a_name_that_is_no_picture_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ladders"]) == 2
    assert "unknown: ladders; known: ladder, " in capsys.readouterr().out


PAGE = """<section id="one"><figure><div class="wide"><svg viewBox="0 0 300 40" role="img"
 aria-label="A &lt;b&gt;" style="max-width:300px"><path d="M0 0"/></svg></div><div class="narrow">
<svg viewBox="0 0 100 40" role="img" aria-label="A" style=""><path d="M9 9"/></svg></div></figure>
<div class="panel"><h3><bdi>VaR 99&nbsp;%</bdi></h3><svg viewBox="0 0 200 60" role="img"
 aria-label="B" style=""><text>b</text></svg></div></section><section id="two"></section>"""


def test_charts_are_taken_as_they_are_for_a_desk_with_the_names_over_them() -> None:
    one, other = charts(PAGE.replace("\n", ""), "one")
    assert (one.width, one.height, one.label, one.inner) == (300, 40, "A <b>", '<path d="M0 0"/>')
    assert (other.width, other.height, other.name) == (200, 60, "VaR 99 %")
    assert charts(PAGE.replace("\n", ""), "two") == []


def test_charts_side_by_side_do_not_overlap_and_stand_within_the_picture() -> None:
    found = charts(PAGE.replace("\n", ""), "one")
    root = ElementTree.fromstring(picture("T", found * 2, "made", caption="c", across=2))  # noqa: S314
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    at = [
        tuple(map(float, re.findall(r"[\d.]+", group.get("transform", ""))))
        for group in root.iter(f"{SVG}g")
    ]
    sizes = [(chart.width, chart.height) for chart in found * 2]
    corners = [(x, y, x + w, y + h) for (x, y), (w, h) in zip(at, sizes, strict=True)]
    assert corners[0][2] < corners[1][0]
    assert corners[1][3] < corners[2][1]
    assert max(right for _, _, right, _ in corners) < width
    assert max(bottom for *_, bottom in corners) < height
