"""The pictures of the docs, from the shipped configs with the seeds they have."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import riskengine
from riskengine.reports.html.parts import Section, document
from riskengine.reports.mitigation.page import mitigation_page
from riskengine.reports.run.page import report_page
from riskengine.reports.run.workbook import workbook
from riskengine.reports.scenario.ladder import ladder_parts
from riskengine.reports.sweep.page import sweep_page
from riskengine.store.results import StoredResults, load_results
from tests.pictures.taking import Chart, charts, picture

ROOT = Path(__file__).parents[2]
HOME = ROOT / "docs" / "pictures"
MADE_BY = "Made by `make pictures` from"
KOREA = f"{MADE_BY} configs/korea-2026.toml: 200,000 trials, as shipped."
SWEEP_TRIALS, STUDY_TRIALS = 20_000, 2_000
#: What the shipped sweep is changed to: one assumption at a time, which draws a tornado.
SAMPLED = 'method = "latin-hypercube"\nsamples = 300\nseed = 1\n'
ONE_BY_ONE = 'method = "one-at-a-time"\n'
#: The parameters of that sweep, as its page names them: what a reader calls them.
SAID = {
    ">tables.uses<": ">Dependence: output that stops without a material<",
    ">korea-uses-": ">",
    ">near-zero.sojourn.lognormal.p90<": ">Longest halts: one in ten lasts longer, days<",
    ">near-zero.sojourn.lognormal.median<": ">Usual halts: half last longer, days<",
    ">china-korea.rate_per_year<": ">Outbreaks a year against Korea<",
    ">spill-over-halt.probability<": ">Chance that Japan's halt spills over<",
    ">spill-over-boycott.probability<": ">Chance that a boycott of Japan spills over<",
    ">automobile.uses.nd…s.lognormal.median + 8 more<": ">Firms' stocks: half hold more, days<",
    ">ndfeb-magnets.coverage + 2 more<": ">Chance that magnets and 2 more are covered<",
    ">duration + 1 more<": ">Correlation of materials<",
}
WORLDS = 'worlds = "mitigation-korea-worlds.toml"\n'  #: left out of the study: they take long
DRAWN = (
    "ladder", "trial-levels", "trial-supply", "trial-output", "trial-loss", "bad-trial",
    "exceedance", "supply-fan", "tornado", "frontier",
)  # fmt: skip
ONE_TRIAL = "of one trial: Korea 2026, at VaR 99 %"


class Subjects:
    """What there is to draw, each made when it is first asked for.

    Parameters
    ----------
    folder : Path
        An empty folder to work in.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def results(self) -> StoredResults:
        """The Korean case as shipped."""
        place = self.folder / "korea-2026"
        riskengine.simulate(riskengine.load(ROOT / "configs" / "korea-2026.toml"), out=place)
        return load_results(place)

    @cached_property
    def report(self) -> str:
        return report_page(self.results)

    def workbook(self) -> bytes:
        return workbook(self.results)

    def _changed(self, name: str, old: str, new: str) -> Path:
        """A shipped config with other text, beside copies of the files that it names."""
        configs = self.folder / "configs"
        if not configs.exists():
            shutil.copytree(ROOT / "configs", configs)
        text = (configs / name).read_text("utf-8")
        assert old in text
        (configs / name).write_text(text.replace(old, new), "utf-8")
        return configs / name

    def ladder(self) -> str:
        scenario = riskengine.load(ROOT / "configs" / "korea-2026.toml")
        section = Section("ladder", "", ladder_parts(scenario))
        page = document("", facts=[], sections=[section])
        made_from = f"{MADE_BY} configs/korea-2026.toml."
        caption = (
            "Orange: breaks out or gets worse. Blue: eases. Purple: may start another dispute."
        )
        title = "How disputes begin, escalate and end: Korea 2026"
        return picture(title, charts(page, "ladder"), made_from, caption=caption)

    def exceedance(self) -> str:
        title = "How likely a loss is: Korea 2026, two years"
        caption = "The band is the 95 % interval of the simulation."
        return picture(title, charts(self.report, "curve")[:1], KOREA, caption=caption)

    def supply_fan(self) -> str:
        caption = (
            "Share of normal demand. Shaded: 50th to 75th, 90th, 95th and 99th percentile of the "
            "shortage. "
            "Black: mean shortage. Dashed: mean supply lost. These three materials cause most of "
            "the worst losses."
        )
        found = charts(self.report, "supply")[:3]
        return picture("Supply over time: Korea 2026", found, KOREA, caption=caption, across=3)

    def _story(self) -> list[Chart]:
        """The wide charts of the bad trial: levels, output, loss."""
        return [chart for chart in charts(self.report, "story") if chart.width > 500.0]

    def trial_levels(self) -> str:
        caption = "Darker is a worse level: normalised licensing, slow licensing, near zero."
        return picture(f"Levels {ONE_TRIAL}", self._story()[:1], KOREA, caption=caption)

    def trial_supply(self) -> str:
        caption = (
            "Share of normal demand. The line: lost supply. Green: other suppliers. Blue: stocks. "
            "Orange: shortage."
        )
        found = [chart for chart in charts(self.report, "story") if chart.width < 500.0][:3]
        return picture(f"Supply {ONE_TRIAL}", found, KOREA, caption=caption, across=3)

    def trial_output(self) -> str:
        caption = "Darker is more: the figure is the largest share of output that is lost."
        return picture(f"Lost output {ONE_TRIAL}", self._story()[1:2], KOREA, caption=caption)

    def trial_loss(self) -> str:
        caption = "Value added not produced, summed from the start."
        return picture(f"The loss {ONE_TRIAL}", self._story()[2:], KOREA, caption=caption)

    def bad_trial(self) -> str:
        found = self._story()
        names = ("Level of each material", "Lost output of each industry", "Loss since the start")
        headed = [
            type(chart)(chart.width, chart.height, chart.label, chart.inner, name)
            for chart, name in zip(found, names, strict=True)
        ]
        caption = "Darker is a worse level, or more output lost."
        title = "One bad trial, at VaR 99 %: Korea 2026"
        return picture(title, headed, KOREA, caption=caption)

    def tornado(self) -> str:
        config = self._changed("sweep-korea-assumptions.toml", SAMPLED, ONE_BY_ONE)
        with contextlib.chdir(config.parent):
            swept = riskengine.sweep(config.name, trials=SWEEP_TRIALS)
        made_from = (
            f"{MADE_BY} configs/sweep-korea-assumptions.toml with the method one-at-a-time, "
            f"{SWEEP_TRIALS:,} trials a point."
        )
        title = "What moves the expected loss: Korea 2026, one assumption at a time"
        drawn = picture(title, charts(sweep_page(swept.tables), "drivers")[:1], made_from)
        for name, said in SAID.items():
            assert name in drawn, name
            drawn = drawn.replace(name, said)
        return drawn

    def frontier(self) -> str:
        config = self._changed("mitigation-korea-2026.toml", WORLDS, "")
        bought = riskengine.mitigate(config, trials=STUDY_TRIALS)
        made_from = (
            f"{MADE_BY} configs/mitigation-korea-2026.toml without other worlds, {STUDY_TRIALS:,} "
            "trials to choose and as many to judge. The study itself plays more."
        )
        caption = (
            "Change of TVaR 99 %, USD million; further down is less loss. Diamonds: the choice for "
            "each budget, with its 95 % interval. "
            "Dots: portfolios that were played, in the trials that choose."
        )
        title = f"What to buy with which budget: Korea 2026, {STUDY_TRIALS:,} trials"
        found = charts(mitigation_page(bought.tables), "frontier")[:1]
        return picture(title, found, made_from, caption=caption)

    def drawn(self, name: str) -> str:
        """The picture of this name as SVG; the same sources give the same bytes."""
        made: str = getattr(self, name.replace("-", "_"))()
        return made

    def all_drawn(self) -> Iterator[tuple[Path, str]]:
        """Every file with its text."""
        return ((HOME / f"{name}.svg", self.drawn(name)) for name in DRAWN)
