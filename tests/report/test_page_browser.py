"""The page in a real browser: nothing is fetched, nothing complains, everything is drawn.

These tests need Chromium and run only when asked for: `pytest -m browser`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest
from calibrate_worlds import fitted, history
from figures.test_comparison import scaled
from PIL import Image
from report.batch_worlds import batch
from report.batch_worlds import hostile as hostile_batch
from report.comparison_worlds import compared
from report.mitigation_worlds import hostile, study
from report.page_worlds import NASTY, SCRIPT, config, stored
from report.story_worlds import HOSTILE, known_replay
from report.sweep_worlds import RATE, over, sweep

from riskengine.backtests.playing import plans, play
from riskengine.backtests.suites import load_suite
from riskengine.cli.answers.check import check_page, checked
from riskengine.config import load, load_whole
from riskengine.fits.cautions import cautions
from riskengine.play.simulate import simulate
from riskengine.reports.backtest.page import backtest_page
from riskengine.reports.batch.page import batch_page
from riskengine.reports.compare.files import comparison_page
from riskengine.reports.fit.page import fit_page
from riskengine.reports.mitigation.page import mitigation_page
from riskengine.reports.run.page import report_page
from riskengine.reports.story.shown import story_page
from riskengine.reports.story.story import story
from riskengine.reports.sweep.page import sweep_page
from tests.chromium import FLAGS, find_browser

pytestmark = pytest.mark.browser

HISTORY = Path(__file__).parents[2] / "configs" / "backtests"
FEWEST = {  #: charts
    "plain": 13,
    "nasty": 13,
    "check": 1,
    "nasty-check": 1,
    "one-at-a-time": 5,
    "sobol": 4,
    "nasty-grid": 7,
    "backtest": 8,
    "fit": 10,
    "compare": 0,
    "story": 0,
    "mitigation": 3,
    "nasty-mitigation": 3,
    "batch": 2,
    "nasty-batch": 2,
}
LONGEST = 600  #: seconds for a page on a busy machine; a hang ends the test
PHONE, DESK = 390, 1280
LIGHT, DARK = (255, 255, 255), (20, 23, 28)
BLUE, ORANGE = (0, 114, 178), (230, 159, 0)
OWN_FLAGS = (
    "--hide-scrollbars", "--enable-logging=stderr", "--virtual-time-budget=3000",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
# A page may not run scripts, so another one looks at it through a frame.
FRAME = """<link rel="icon" href="data:,"><body style="margin:0">
<iframe src="{page}" style="width:{width}px;height:400px;border:0"></iframe>
<script>onload = () => {{ const page = frames[0].document;
document.body.dataset.width = page.documentElement.scrollWidth;
document.body.dataset.drawn = [...page.querySelectorAll("svg")].filter(
  (svg) => svg.checkVisibility() && svg.getBBox().width > 100).length;
document.body.dataset.fetched = frames[0].performance.getEntriesByType("resource").length;
document.body.dataset.scripts = page.querySelectorAll("script, img").length; }}</script>"""


class Visit(NamedTuple):
    """What came of opening a page."""

    out: str
    complaints: list[str]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("browser")
    scenarios = {"plain": config(), "nasty": config(NASTY, title=SCRIPT)}
    for name, scenario in scenarios.items():
        text = report_page(stored(folder / name / "results", scenario))
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    words = over(("industries", SCRIPT, "combine"), *NASTY, name=f'"{SCRIPT}".combine')
    sweeps = {
        "one-at-a-time": sweep("one-at-a-time"),
        "sobol": sweep("sobol"),
        "nasty-grid": sweep("grid", parameters=(words, over(RATE, 0.1, 0.2)), title=SCRIPT),
    }
    for name, tables in sweeps.items():
        (folder / f"{name}.html").write_text(sweep_page(tables), encoding="utf-8")
    suite = load_suite(HISTORY, overrides=["run.trials=300"])
    facts = {"started": "2026-01-08T00:00:00+00:00", "versions": {}}
    text = backtest_page(play(suite, plans(suite)), facts)
    (folder / "backtest.html").write_text(text, encoding="utf-8")
    found = fitted(history(), quantity="flow", by=("coercer",))
    (folder / "fit.html").write_text(fit_page(found, cautions(found), []), encoding="utf-8")
    losses = simulate(load(config(NASTY, title=SCRIPT)))
    text = comparison_page(compared(losses, scaled(losses, 0.75)))
    (folder / "compare.html").write_text(text, encoding="utf-8")
    text = story_page(story(known_replay(HOSTILE)), [HOSTILE], "Checked.")
    (folder / "story.html").write_text(text, encoding="utf-8")
    for name, source in {
        "check": "configs/korea-2026.toml",
        "nasty-check": scenarios["nasty"],
    }.items():
        text = check_page(checked(load_whole(source)))
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    for name, tables in {"mitigation": study(), "nasty-mitigation": hostile(NASTY)}.items():
        (folder / f"{name}.html").write_text(mitigation_page(tables), encoding="utf-8")
    for name, outcome in {"batch": batch(), "nasty-batch": hostile_batch(NASTY)}.items():
        (folder / f"{name}.html").write_text(batch_page(outcome), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in FEWEST}


@pytest.fixture
def visit(tmp_path: Path, served: str) -> Callable[..., Visit]:
    browser = find_browser()

    def open_page(address: str, *flags: str) -> Visit:
        own = [f"--user-data-dir={tmp_path / 'profile'}", *flags]
        done = subprocess.run(
            [browser, *FLAGS, *OWN_FLAGS, *own, served + address],
            capture_output=True, text=True, timeout=LONGEST, check=True,
        )  # fmt: skip
        complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return Visit(done.stdout, complaints)

    return open_page


class _Quiet(SimpleHTTPRequestHandler):
    """Serves the pages: from files a browser does not tell what it fetches."""

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def served(pages: dict[str, Path]) -> Iterator[str]:
    folder = pages["plain"].parent
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def framed(page: Path, width: int) -> str:
    frame = page.with_name(f"{page.stem}-{width}.html")
    frame.write_text(FRAME.format(page=page.name, width=width), encoding="utf-8")
    return f"/{frame.name}"


@pytest.mark.parametrize("name", FEWEST)
def test_a_page_fetches_nothing_and_the_console_stays_empty(
    visit: Callable[..., Visit], pages: dict[str, Path], name: str
) -> None:
    seen = visit(framed(pages[name], DESK), "--dump-dom")
    assert seen.complaints == []
    assert 'data-fetched="0"' in seen.out


def test_the_browser_would_tell_of_a_fetch_and_of_a_complaint(
    visit: Callable[..., Visit], pages: dict[str, Path]
) -> None:
    page = pages["plain"].with_name("bad.html")
    page.write_text("<img src=missing.png><script>console.error(1)</script>", encoding="utf-8")
    seen = visit(framed(page, DESK), "--dump-dom")
    assert seen.complaints
    assert 'data-fetched="1"' in seen.out


@pytest.mark.parametrize("name", FEWEST)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_charts_are_drawn_and_nothing_sticks_out_at_any_width(
    visit: Callable[..., Visit], pages: dict[str, Path], name: str, width: int
) -> None:
    seen = visit(framed(pages[name], width), "--dump-dom")
    assert f'data-width="{width}"' in seen.out
    assert 'data-scripts="0"' in seen.out
    drawn = int(seen.out.split('data-drawn="')[1].split('"')[0])
    assert drawn >= FEWEST[name]


@pytest.mark.parametrize(("scheme", "paper"), [("1", LIGHT), ("0", DARK)])
def test_a_page_is_light_or_dark_as_the_reader_likes(
    visit: Callable[..., Visit],
    tmp_path: Path,
    scheme: str,
    paper: tuple[int, ...],
) -> None:
    shot = tmp_path / "shot.png"
    visit(
        "/plain.html", f"--screenshot={shot}", f"--window-size={DESK},4000",
        f"--blink-settings=preferredColorScheme={scheme}",
    )  # fmt: skip
    with Image.open(shot) as image:
        colours = {colour: n for n, colour in image.convert("RGB").getcolors(1 << 24) or []}
    assert max(colours, key=colours.__getitem__) == paper
    if paper == LIGHT:
        assert min(colours[BLUE], colours[ORANGE]) > 2_000


def test_a_page_prints(visit: Callable[..., Visit], tmp_path: Path) -> None:
    printed = tmp_path / "page.pdf"
    visit("/plain.html", f"--print-to-pdf={printed}")
    assert printed.read_bytes().startswith(b"%PDF")
