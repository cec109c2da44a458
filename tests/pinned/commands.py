"""What users of the shipped cases see: answers of commands, workbooks and pages."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from riskengine.cli import root
from riskengine.cli.exits import exit_code
from tests.pinned.rendering import folded, page_text, workbook_text
from tests.terminal import same_width

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHOWN = HERE / "shown"
# Few trials: what is pinned is how figures are shown. Golden results pin the figures themselves.
VERSIONS = {  #: of shipped configs, beside the folder that holds these
    "magnets.toml": """extends = "configs/korea-2026.toml"
[materials.ndfeb-magnets.stocks.public]
days = 30
""",
    "sampled.toml": """extends = "configs/sweep-korea-assumptions.toml"
[run]
trials = 100
[sweep]
samples = 40
""",
    "bought.toml": """extends = "configs/minimal.toml"
[run]
trials = 400
[mitigation]
measure = "tvar"
budgets = [3, 9]
worlds = "guesses.toml"
[mitigation.options.stock]
set = { "materials.ndfeb-magnets.stocks.private.days" = 90 }
cost = 2
[mitigation.options.plant]
set = { "materials.ndfeb-magnets.alternatives.asean.probability" = 1 }
cost = { upfront = 3, yearly = 0.5 }
[mitigation.options.rule]
set = { "correlation.duration" = 0.5 }
cost = 1
""",
    "guesses.toml": """extends = "configs/minimal.toml"
[run]
trials = 100
[sweep]
method = "latin-hypercube"
samples = 10
[sweep.parameters]
"industries.automobile.uses.ndfeb-magnets.dependence" = { uniform = { low = 0.1, high = 0.3 } }
""",
}


class Command(NamedTuple):
    """A command, run in a folder that has the shipped configs, after those before it."""

    name: str
    arguments: str


COMMANDS = (
    Command("check", "check configs/korea-2026.toml"),
    Command("check-page", "check configs/minimal.toml --html checked.html"),
    Command("check-help", "check --help"),
    Command("convert", "convert configs/korea-2026.toml korea-book.xlsx"),
    Command("convert-help", "convert --help"),
    Command("run", "run configs/korea-2026.toml --trials 2000 --out korea"),
    Command("run-json", "run configs/minimal.toml --trials 500 --out minimal --json"),
    Command("report", "report korea --html"),
    Command("report-ord", "report korea --ord --out ord"),
    Command("explain", "explain korea --at var99 --html story.html"),
    Command("explain-json", "explain minimal --at max --json"),
    Command("more", "run magnets.toml --trials 2000 --out more --quiet"),
    Command("compare", "compare korea more --out compared"),
    Command("compare-json", "compare korea more --json"),
    Command("sweep", "sweep configs/sweep-korea-stockpiles.toml --trials 200 --out swept"),
    Command("sweep-json", "sweep configs/sweep-japan-full-stop.toml --trials 100 --json"),
    Command("sampled", "sweep sampled.toml --out sampled"),
    Command("mitigate", "mitigate bought.toml --out bought"),
    Command("calibrate", "calibrate configs/history/episodes.csv --quantity flow --out fitted"),
    Command("backtest", "backtest configs/backtests --trials 300 --out tested"),
    Command("batch", "batch configs/batch-2026.toml --trials 300 --out month-end"),
)

_CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)?"), "<moment>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"),
    (re.compile(r'"seconds": [0-9.]+'), '"seconds": <seconds>'),
    (re.compile(r"in [0-9,.]+ seconds"), "in <seconds> seconds"),
    (re.compile(r"'Seconds' \| B '?[0-9,.]+'?"), "'Seconds' | B <seconds>"),
    (re.compile(r"(Version of \w+'? \| (?:B ')?)\d[\w.]*"), r"\1<version>"),
    (re.compile(r"('Platform' \| B ')[^']*"), r"\1<platform>"),
    (re.compile(r"\b(riskengine|python|numpy|numba|scipy|pyarrow) \d[\w.]*"), r"\1 <version>"),
)  # fmt: skip


def shown(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and text of everything that the commands show, in order.

    Parameters
    ----------
    folder : Path
        An empty folder to work in.
    """
    shutil.copytree(ROOT / "configs", folder / "configs")
    for name, text in VERSIONS.items():
        (folder / name).write_text(text, "utf-8")
    with contextlib.chdir(folder):
        seen: set[Path] = set()
        for name, arguments in COMMANDS:
            out = io.StringIO()
            with contextlib.redirect_stdout(out), same_width():
                code = exit_code(root, arguments.split())
            yield (
                f"{name}.txt",
                _steady(folder, f"$ riskengine {arguments}\n(exit {code})\n{out.getvalue()}"),
            )
            made = {path for path in folder.rglob("*") if path.suffix in (".xlsx", ".html")}
            made = {path for path in made if not (path.parents[1] / "batch.xlsx").exists()}
            for path in sorted(made - seen):
                text = workbook_text(path) if path.suffix == ".xlsx" else page_text(path)
                yield f"{name}-{path.name}.txt", _steady(folder, text)
            seen |= made


class Shown:
    """The texts of everything shown, and the folder with the files themselves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts = dict(shown(folder))

    def files(self, ending: str) -> list[Path]:
        """The files of a kind that the commands wrote; those of the shipped cases are left out."""
        found = sorted(self.folder.rglob(f"*{ending}"))
        return [path for path in found if path.relative_to(self.folder).parts[0] != "configs"]


def _steady(folder: Path, text: str) -> str:
    """The text without what changes from run to run, long sections folded."""
    text = text.replace(str(folder), "<folder>")
    for pattern, word in _CHANGING:
        text = pattern.sub(word, text)
    return folded(text)
