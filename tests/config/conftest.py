"""A small config that every test of reading changes in one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from riskengine.config import load
from riskengine.errors import ConfigFault, Fault

SMALL = """\
[run]
title = "Small"
trials = 1_000
seed = 7
horizon_days = 730
valuation_date = 2026-01-08
money = "USD million"
importer = "Korea"

[ladder.licensing]
sojourn = { lognormal = { median = 150, p90 = 540 } }
next = { resolved = 0.6, full-ban = 0.4 }

[ladder.full-ban]
sojourn = { weibull = { shape = 0.9, scale = 150 } }
next = { licensing = 0.5, resolved = 0.5 }
boycott = true

[disputes.china-korea]
coercer = "China"
target = "Korea"
rate_per_year = 0.12
entry = { licensing = 0.7, full-ban = 0.3 }

[disputes.china-japan]
coercer = "China"
target = "Japan"
entry = { full-ban = 1.0 }
active = { level = "full-ban", elapsed_days = 2 }

[triggers.spillover]
when = "china-japan"
reaches = "full-ban"
starts = "china-korea"
probability = 0.25
lag = { exponential = { mean = 45 } }

[correlation]
duration = 0.7

[materials.gallium]
spend_per_year = 40
coverage = 0.9
cut = { licensing = 0.3, full-ban = { beta = { mean = 0.8, sd = 0.1 } } }
price_elasticity = 0.3
allocation = "proportional"
note = "figures of 2025"

[materials.gallium.sources]
China = { share = 0.90 }
Vietnam = { share = 0.05, boycott_cut = 0.6 }

[materials.gallium.alternatives.recycling]
kind = "recycling"
capacity = 0.10
probability = 0.7
lead_time = { lognormal = { median = 240, p90 = 540 } }
ramp_days = 180
ramp_steps = 4
premium = 0.4

[materials.gallium.stocks.public]
days = 60
release_lag_days = 14
max_release = 0.5

[materials.gallium.ladder.full-ban]
sojourn = { lognormal = { median = 200, p90 = 900 } }

[industries.chips]
value_added_per_year = 5200
combine = "bottleneck"
min_operating_rate = 0.3
recapture = 0.2

[industries.chips.uses.gallium]
share = 0.5
dependence = 0.8
inventory_days = 30
substitution_share = 0.2
substitution_lag_days = 365
priority = 1
"""


@pytest.fixture
def small() -> str:
    """The text of a config without faults."""
    return SMALL


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file below the test's folder, by default the config itself; returns its path."""

    def write_file(content: str | bytes, name: str = "small.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture
def faults() -> Callable[..., tuple[Fault, ...]]:
    """The faults that loading a config meets; it must meet some."""

    def faults_of(source: Any, overrides: Sequence[str] = ()) -> tuple[Fault, ...]:
        with pytest.raises(ConfigFault) as caught:
            load(source, overrides)
        assert caught.value.exit_code == 2
        assert str(caught.value).endswith("nothing was run.")
        return caught.value.faults

    return faults_of
