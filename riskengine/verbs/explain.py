"""An explanation: one trial of a results folder, simulated again and told as a story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskengine.config.mitigation.naming import read_portfolio
from riskengine.errors import UsageFault
from riskengine.language.speaking import speaking
from riskengine.model.mitigation import cost_of
from riskengine.reports.story.beside import Beside, beside_page
from riskengine.reports.story.shown import story_page
from riskengine.reports.story.story import Story, story
from riskengine.reports.tables.numbers import significant, with_unit
from riskengine.store.results import load_results
from riskengine.store.studies import holds_study, load_study
from riskengine.verbs.jobs.stored_trials import (
    StoredTrial,
    numbered,
    played_again,
    played_study,
    standing_at,
    study_trial,
)

CHECKED = "The trial was played again; its figures are those stored in the results, to the bit."
STUDY_CHECKED = (
    "All trials that chose were played again; the measures of nothing are those stored in the "
    "results, to the bit{also}."
)


@dataclass(frozen=True, slots=True)
class ExplainedTrial:
    """A stored trial and its story."""

    folder: Path
    manifest: Mapping[str, Any]
    chosen: StoredTrial
    story: Story  #: of a mitigation study: with nothing bought
    checked: str = CHECKED  #: what was compared with the folder
    beside: Beside | None = None  #: the story beside that of the same trial with a portfolio

    @property
    def facts(self) -> list[str]:
        """Which trial this is, and of which run."""
        story, trials = self.story, self.manifest["trials"]
        which = f"Trial {story.trial:,}"
        if self.chosen.reason:
            which += f": {self.chosen.reason}"
        loss = with_unit(significant(story.losses.total), story.money)
        return [
            which,
            f"Loss {loss} over {story.horizon_days:g} days; one of {trials:,} trials, "
            f"seed {story.seed}",
            *(self.beside.facts if self.beside else ()),
        ]

    def page(self) -> str:
        """One HTML page that needs no other files."""
        with speaking(self.manifest["config"].get("run", {}).get("language")):
            if self.beside:
                return beside_page(self.beside, self.facts, self.checked)
            return story_page(self.story, self.facts, self.checked)


def explain(
    results: str,
    *,
    trial: int | None = None,
    at: str | None = None,
    industry: str | None = None,
    portfolio: str | None = None,
) -> ExplainedTrial:
    """Simulate one trial of a results folder again, and tell it from beginning to end.

    Parameters
    ----------
    results : path
        A folder that a run or a mitigation study wrote. Of a study the trials are told that chose,
        with nothing bought.
    trial : int, optional
        The number of the trial. Either this or `at` is needed.
    at : str, optional
        The level of the trial's loss, such as `var99`, `median` or `max`.
    industry : str, optional
        With `at`: use the loss of this industry in place of the total.
    portfolio : str, optional
        Of a study: options joined by " + ", with which the same trial is told beside.

    Raises
    ------
    ResultsFault
        If the folder is not complete or is damaged, or the trial differs from the stored one.
    UsageFault
        If there is no such trial, level, industry or portfolio.
    """
    if (trial is None) == (at is None):
        raise UsageFault("say which trial to explain: --trial N or --at LEVEL, one of them.")
    if industry is not None and at is None:
        raise UsageFault("--industry says whose loss --at looks at: use them together.")
    if holds_study(results):
        return _of_study(results, trial, at, industry, portfolio)
    stored = load_results(results)
    if portfolio is not None:
        raise UsageFault("--with names a portfolio of a mitigation study, and this is a run.")
    chosen = standing_at(stored, at, industry) if at else numbered(stored, trial or 0)
    told = story(played_again(stored, chosen.trial))
    return ExplainedTrial(stored.folder, stored.manifest, chosen, told)


def _of_study(
    results: str, trial: int | None, at: str | None, industry: str | None, portfolio: str | None
) -> ExplainedTrial:
    stored = load_study(results)
    mitigation = stored.config.mitigation
    places = () if portfolio is None else read_portfolio(mitigation, portfolio)
    played = played_study(stored, places, industry)
    chosen = study_trial(played, trial, at, industry)
    told = story(played.trial(chosen.trial, ()))
    beside, name = None, mitigation.name_of(places)
    if portfolio is not None:
        beside = Beside(
            nothing=told,
            bought=story(played.trial(chosen.trial, places)),
            portfolio=name,
            cost=cost_of(places, mitigation.costs),
        )
    also = ""
    if places:
        is_held = name in stored.portfolios
        also = f", and so are those of {name}" if is_held else f"; it holds none of {name}"
    checked = STUDY_CHECKED.format(also=also)
    return ExplainedTrial(stored.folder, stored.manifest, chosen, told, checked, beside)
