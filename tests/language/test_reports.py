"""Page and workbook of a run in Korean and Japanese: all of it, and the same figures."""

from __future__ import annotations

import json
import re
import shutil
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest
from language.reading import cells_of, english_left, texts_of_book, texts_of_page, words_of

import riskengine
from riskengine.store.results import load_results
from riskengine.verbs.explain import explain

OTHERS = ("ko", "ja")
CASES = {
    "pools": "configs/korea-japan-2026.toml",  #: pools, many materials, thresholds
    "small": "configs/minimal.toml",  #: too few trials for its tail
}
TRIALS = {"pools": 1_000, "small": 200}

pytestmark = pytest.mark.whole


class Made(NamedTuple):
    """Page and workbook of a run in each language."""

    folder: str
    files: dict[str, dict[str, bytes]]

    def own(self) -> list[str]:
        """What is not ours to translate: the config, the record of the run, units of goods."""
        stored = load_results(self.folder)
        parts = (n.message for n in stored.notices() if n.code == "part-left-out")
        left_out = (re.findall(r"[\w.-]+", message.partition(":")[2]) for message in parts)
        return [*words_of(stored.manifest), *chain.from_iterable(left_out)]


@pytest.fixture(scope="module", params=CASES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = str(tmp_path_factory.mktemp("languages") / request.param)
    scenario = riskengine.load(CASES[request.param])
    riskengine.simulate(scenario, trials=TRIALS[request.param], out=folder)
    files = {code: riskengine.report(folder, language=code) for code in ("en", *OTHERS)}
    return Made(folder, files)


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left_on_the_page(made: Made, code: str) -> None:
    page = made.files[code]["report.html"].decode()
    assert f'<html lang="{code}">' in page
    assert english_left(texts_of_page(page), made.own()) == []


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left_in_the_workbook(made: Made, code: str) -> None:
    names = re.compile(r"\w+_\w+|'.*'!.*")  # defined names, and where they are
    texts = [t for t in texts_of_book(made.files[code]["risk.xlsx"]) if not names.fullmatch(t)]
    assert english_left(texts, made.own()) == []


@pytest.mark.parametrize("code", OTHERS)
def test_the_figures_of_the_workbook_are_those_of_the_english_one(made: Made, code: str) -> None:
    english, other = (list(cells_of(made.files[c]["risk.xlsx"]).values()) for c in ("en", code))
    assert len(english) == len(other)
    for sheet, translated in zip(english, other, strict=True):
        shapes = [[_kept(cell) for cell in row] for row in sheet]
        assert [[_kept(cell) for cell in row] for row in translated] == shapes


def _kept(cell: object) -> object:
    """A figure as it is; of a text, whether it is a formula."""
    return cell[:1] == "=" if isinstance(cell, str) else cell


def test_the_language_of_the_config_is_that_of_its_reports(tmp_path: Path) -> None:
    scenario = riskengine.load("configs/minimal.toml")
    plain = str(tmp_path / "plain")
    riskengine.simulate(scenario, trials=200, out=plain)
    korean = str(tmp_path / "korean")
    riskengine.simulate(scenario.with_values({"run.language": "ko"}), trials=200, out=korean)
    assert 'lang="ko"' in riskengine.report(korean, "html")["report.html"].decode()
    assert 'lang="en"' in riskengine.report(korean, "html", language="en")["report.html"].decode()
    # What programs read is the same.
    for file in ("metrics.csv", "curves.csv", "stories.json", "losses.parquet"):
        assert Path(korean, file).read_bytes() == Path(plain, file).read_bytes()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Folders of two runs that differ, A's config in Korean; what is theirs, not ours."""
    home = tmp_path_factory.mktemp("pair")
    base = riskengine.load("configs/minimal.toml").with_values({"run.language": "ko"})
    longer = {"materials.ndfeb-magnets.stocks.private.days": 90, "run.horizon_days": 300}
    sides = {"a": base, "b": base.with_values({**longer, "run.levels": [0.9, 0.99]})}
    own = []
    for name, scenario in sides.items():
        riskengine.simulate(scenario, trials=2_000, out=f"{home}/{name}")
        own += [f"{home}/{name}", *words_of(load_results(f"{home}/{name}").manifest)]
    return home, own


def test_no_english_is_left_in_a_comparison(pair: tuple[Path, list[str]]) -> None:
    home, own = pair
    riskengine.compare(f"{home}/a", f"{home}/b", out=f"{home}/compared")
    page = Path(home, "compared", "compare.html").read_text("utf-8")
    assert 'lang="ko"' in page
    texts = (text.replace(str(home), "") for text in texts_of_page(page))
    assert english_left(texts, [*own, "/a", "/b"]) == []
    sheets = cells_of(Path(home, "compared", "compare.xlsx").read_bytes())
    assert list(sheets) == ["요약", "지표", "입력값"]
    # The sheet of all figures has the words of compare.csv.
    cells = (cell for name in ("요약", "입력값") for row in sheets[name] for cell in row)
    shown = (str(cell).replace(str(home), "") for cell in cells if isinstance(cell, str))
    assert english_left(shown, own) == []


@pytest.mark.parametrize("at", ["var99", "max", "median"])
def test_no_english_is_left_in_the_story_of_a_trial(pair: tuple[Path, list[str]], at: str) -> None:
    home, own = pair
    page = explain(f"{home}/a", at=at).page()
    assert 'lang="ko"' in page
    assert english_left(texts_of_page(page), own) == []


PATHS = (
    '"industries.automobile.uses.ndfeb-magnets.dependence"',
    '"materials.ndfeb-magnets.stocks.private.days"',
)
UNIFORM = "{{ uniform = {{ low = {}, high = {} }} }}"
DRAWN = "".join(
    f"{path} = {UNIFORM.format(*ends)}\n"
    for path, ends in zip(PATHS, ((0.1, 0.3), (10, 90)), strict=True)
)
LISTED = "{} = [0.1, 0.3]\n{} = [10, 60, 90]\n".format(*PATHS)


@pytest.mark.parametrize(
    ("method", "code", "parameters"),
    [
        ('"latin-hypercube"\nsamples = 60', "ko", DRAWN),
        ('"latin-hypercube"\nsamples = 12', "ja", DRAWN),  # too few for indices
        ('"sobol"\nsamples = 32', "ko", DRAWN),
        ('"morris"\nsamples = 8', "ja", DRAWN),
        ('"one-at-a-time"', "ja", LISTED),
        ('"grid"', "ko", LISTED),
    ],
)
def test_no_english_is_left_in_a_sweep(
    tmp_path: Path, method: str, code: str, parameters: str
) -> None:
    shutil.copy("configs/minimal.toml", tmp_path)
    run = f'extends = "minimal.toml"\n[run]\ntrials = 200\nlanguage = "{code}"\n'
    text = f"{run}[sweep]\nmethod = {method}\n[sweep.parameters]\n{parameters}"
    (tmp_path / "swept.toml").write_text(text, "utf-8")
    riskengine.sweep(str(tmp_path / "swept.toml"), out=str(tmp_path / "out"))

    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    known = [*words_of(manifest), "minimal"]
    page = (tmp_path / "out" / "sweep.html").read_text("utf-8")
    assert f'lang="{code}"' in page
    assert english_left(texts_of_page(page), known) == []
    book = (tmp_path / "out" / "sweep.xlsx").read_bytes()
    # Three sheets are lists of figures, with the words of the CSV files.
    lists = "total industry mean sd prob_loss prob_output_loss var tvar low high swing mu_star"
    assert english_left(texts_of_book(book), [*known, *lists.split()]) == []
