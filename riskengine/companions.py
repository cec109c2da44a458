"""The files that accompany the figures of a run and tell it to people.

The fan over time and the stories of single trials need the inside of trials, which only a
simulation has; they are taken here, so that reports can be made later from the folder alone.
"""

from __future__ import annotations

from riskengine.figures.fan import FanRow
from riskengine.model.losses import Losses
from riskengine.report.story import SCHEMA_VERSION, story, story_document
from riskengine.report.story_choice import chosen_row
from riskengine.store.results import STORIES, to_json
from riskengine.store.sheets import TIMELINE, to_csv

TOLD = ("var95", "var99", "var99.5")  #: the trials whose stories are kept


def companions(losses: Losses, *, excel_csv: bool = False) -> dict[str, bytes]:
    """The files, by name, that go into a results folder beside figures and trials."""
    from riskengine.timeline import supply_fan

    return {
        TIMELINE: to_csv(FanRow, supply_fan(losses), excel=excel_csv),
        STORIES: to_json(_stories(losses)).encode(),
    }


def _stories(losses: Losses) -> dict[str, object]:
    """The trials that stand at the high quantiles of the total loss, told."""
    from riskengine.replaying import replay

    told = []
    for at in TOLD:
        trial = losses.first_trial + chosen_row(losses.total, at)
        document = story_document(story(replay(losses.scenario, trial, losses.seed)))
        told.append({"at": at, **document})
    return {"schema_version": SCHEMA_VERSION, "stories": told}
