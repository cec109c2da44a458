"""An explanation: one trial of a results folder, simulated again and told as a story."""

from __future__ import annotations

from dataclasses import dataclass

from riskengine.errors import UsageFault
from riskengine.reports.story.shown import story_page
from riskengine.reports.story.story import Story, story
from riskengine.reports.tables.numbers import significant, with_unit
from riskengine.store.results import StoredResults, load_results
from riskengine.verbs.stored_trials import StoredTrial, numbered, played_again, standing_at

CHECKED = "The trial was played again; its figures are those stored in the results, to the bit."


@dataclass(frozen=True, slots=True)
class ExplainedTrial:
    """A stored trial and its story."""

    stored: StoredResults
    chosen: StoredTrial
    story: Story

    @property
    def facts(self) -> list[str]:
        """Which trial this is, and of which run."""
        story, trials = self.story, self.stored.manifest["trials"]
        which = f"Trial {story.trial:,}"
        if self.chosen.reason:
            which += f": {self.chosen.reason}"
        loss = with_unit(significant(story.losses.total), story.money)
        return [
            which,
            f"Loss {loss} over {story.horizon_days:g} days; one of {trials:,} trials, "
            f"seed {story.seed}",
        ]

    def page(self) -> str:
        """One HTML page that needs no other files."""
        return story_page(self.story, self.facts, CHECKED)


def explain(
    results: str, *, trial: int | None = None, at: str | None = None, industry: str | None = None
) -> ExplainedTrial:
    """Simulate one trial of a results folder again, and tell it from beginning to end.

    Parameters
    ----------
    results : path
        A folder that a run wrote.
    trial : int, optional
        The number of the trial. Either this or `at` is needed.
    at : str, optional
        The level of the trial's loss, such as `var99`, `median` or `max`.
    industry : str, optional
        With `at`: use the loss of this industry in place of the total.

    Raises
    ------
    ResultsFault
        If the folder is not complete or is damaged, or the trial differs from the stored one.
    UsageFault
        If there is no such trial, level or industry.
    """
    if (trial is None) == (at is None):
        raise UsageFault("say which trial to explain: --trial N or --at LEVEL, one of them.")
    if industry is not None and at is None:
        raise UsageFault("--industry says whose loss --at looks at: use them together.")
    stored = load_results(results)
    chosen = standing_at(stored, at, industry) if at else numbered(stored, trial or 0)
    return ExplainedTrial(stored, chosen, story(played_again(stored, chosen.trial)))
