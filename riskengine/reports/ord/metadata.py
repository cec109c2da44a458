"""What the files of Open Results Data cannot say themselves, as its metadata document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from riskengine.measures.curves import DAYS_PER_YEAR, RETURN_PERIODS
from riskengine.reports.ord.rows import Periods
from riskengine.reports.ord.summaries import SummarySet

PERSPECTIVE = "il"  #: of perspective 1: after stocks and rerouting, before insurance
_CURRENCY = re.compile(r"\b[A-Z]{3}\b")


def metadata(manifest: Mapping[str, Any], sets: Sequence[SummarySet]) -> dict[str, Any]:
    """The metadata document, version 2, of the files of a run."""
    currency = _CURRENCY.search(manifest["money"])
    return {
        "version": "2",
        "analysis_tag": manifest["title"],
        "model_supplier_id": "riskengine",
        "model_name_id": "riskengine",
        "model_version": manifest["versions"]["riskengine"],
        "created_at": manifest["started"],
        **({"currency": [currency.group()]} if currency else {}),
        "number_of_samples": 1,
        "loss_methods": ["STOC"],
        "ep_methods": ["S_FULL"],
        "event_set": {
            "event_set_id": None,
            "event_set_description": None,
            "event_occurrence_id": None,
            "event_occurrence_description": "Every trial is a period; spells are its occurrences",
            "event_occurrence_max_periods": manifest["trials"],
        },
        "output_sets": [
            {
                "perspective_code": PERSPECTIVE,
                "exposure_summary_level_fields": ["Material", "Industry"],
                "summaries": [_summary_set(each) for each in sets],
            }
        ],
        "vendor_extensions": {"riskengine": _extension(manifest)},
    }


def _summary_set(of: SummarySet) -> dict[str, Any]:
    by_spell = any(summary.largest is not None for summary in of.summaries)
    return {
        "id": of.number,
        "description": of.description,
        "grouping_fields": list(of.grouping_fields),
        "ord_output": {
            "plt_sample": True,
            "alt_period": True,
            "ept_full_uncertainty_aep": True,
            "ept_full_uncertainty_oep": by_spell,
        },
    }


def _extension(manifest: Mapping[str, Any]) -> dict[str, Any]:
    dated = Periods.of(manifest).is_dated
    return {
        "PeriodLength": manifest["horizon_days"] / DAYS_PER_YEAR,
        "period_length_unit": "years of 365 days; ReturnPeriod and losses are per period",
        "money": manifest["money"],
        "n_paths": manifest["trials"],
        "first_period": manifest["first_trial"] + 1,
        "independent_periods": manifest["trials"],
        "seed": manifest["seed"],
        "config_files": manifest["config_files"],
        "return_periods_asked_for": list(RETURN_PERIODS),
        "quantile_convention": "loss i of N in descending order has return period N/i; linear",
        "ci_level": 0.95,
        "dates": "calendar" if dated else "counted from day 1 of year 1: no valuation date",
        "perspective": f"{PERSPECTIVE} stands for: after stocks and rerouting, before insurance",
        "impacted_exposure": "value added per year of the industries that lost output",
        "event_id": "number of the occurrence within its period, 1 the largest; 0 all together",
    }
