"""The files of a run that need trials played again: `timeline.csv`, `buyers.csv`, `stories.json`.

Only a simulation has the details of trials. These files keep the details that reports show, so that
reports can be made later from the folder alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from riskengine.figures.buyers import BuyerRow
from riskengine.figures.designed import design_of
from riskengine.figures.fan import FanRow
from riskengine.figures.standing import choices, chosen_row, told_levels
from riskengine.figures.sums import SumEvidence
from riskengine.kernel.arrays import Model
from riskengine.model.losses import Losses
from riskengine.reports.story.story import SCHEMA_VERSION, story, story_document
from riskengine.store.documents import to_json
from riskengine.store.results import STORIES
from riskengine.store.sheets import BUYERS, TIMELINE, to_csv

if TYPE_CHECKING:
    from riskengine.play.fan import FanSteps


def replayed_files(
    run: Losses | SumEvidence,
    *,
    excel_csv: bool = False,
    model: Model | None = None,
    steps: Callable[[], FanSteps] | None = None,
) -> dict[str, bytes]:
    """The files, by name, that a results folder has in addition to figures and trials.

    Parameters
    ----------
    run : Losses or SumEvidence
    excel_csv : bool
    model : Model, optional
        The run's scenario, laid out for all of its trials; laid out anew if it is not given.
    steps : callable, optional
        Returns the steps of the fan, which were played before.
    """
    from riskengine.model.sampling import lay_out
    from riskengine.play.buyers import buyer_rows
    from riskengine.play.fan import fan_steps, supply_fan

    model = model or lay_out(run.scenario, run.seed, run.first_trial + run.trials - 1)
    played = steps() if steps else fan_steps(model, run.first_trial, run.trials)
    fan = supply_fan(run, model=model, steps=played)
    buyers = buyer_rows(run, model, played)
    return {
        TIMELINE: to_csv(FanRow, fan, excel=excel_csv),
        **({BUYERS: to_csv(BuyerRow, buyers, excel=excel_csv)} if buyers else {}),
        STORIES: to_json(_stories(run, model)).encode(),
    }


def _stories(run: Losses | SumEvidence, model: Model) -> dict[str, object]:
    """The stories of the trials at the high quantiles of the total loss."""
    from riskengine.play.replay import replay_in

    told = []
    for at, trial in _chosen(run):
        document = story_document(story(replay_in(model, run.scenario, trial, run.seed)))
        told.append({"at": at, **document})
    return {"schema_version": SCHEMA_VERSION, "stories": told}


def _chosen(run: Losses | SumEvidence) -> Iterator[tuple[str, int]]:
    design = design_of(run) if isinstance(run, Losses) else None
    levels = run.scenario.run.levels
    for at, level in told_levels(levels).items():
        if isinstance(run, Losses):
            yield at, run.first_trial + chosen_row(run.total, choices(levels)[at], design)
        elif (trial := run.trial_at(level)) is not None:
            yield at, trial
