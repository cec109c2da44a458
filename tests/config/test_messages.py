"""The exact words of representative faults: changing them is a decision, not an accident."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from riskengine.config import load
from riskengine.errors import ConfigFault, Fault

MESSAGES = [
    (
        "trials = 1_000",
        "trails = 1_000",
        """\
small.toml:3: run.trails: is no known key
    trails = 1_000
  allowed: title, trials, seed, horizon_days, valuation_date, money, importer, language, levels, thresholds, sampling, given_onset, tilt; note, source, status, known_on
  did you mean "trials"?""",
    ),
    (
        "coverage = 0.9",
        "coverage = 95",
        """\
small.toml:43: materials.gallium.coverage: is 95
    coverage = 95
  allowed: a number from 0 to 1 (probability)
  did you mean 0.95?""",
    ),
    (
        "days = 60",
        'days = "60 days"',
        """\
small.toml:63: materials.gallium.stocks.public.days: is the text "60 days"
    days = "60 days"
  allowed: a number or a distribution of at least 0 (days of demand)
  write 60, without the unit""",
    ),
    (
        "resolved = 0.6, full-ban = 0.4",
        "resolved = 0.6, full-ban = 0.5",
        """\
small.toml:12: ladder.licensing.next: the probabilities sum to 1.1: resolved = 0.6, full-ban = 0.5
    next = { resolved = 0.6, full-ban = 0.5 }
  allowed: probabilities that sum to 1 (within 1e-09)""",
    ),
    (
        "median = 150, p90 = 540",
        "median = 540, p90 = 150",
        """\
small.toml:11: ladder.licensing.sojourn.lognormal: has median = 540 above p90 = 150
    sojourn = { lognormal = { median = 540, p90 = 150 } }
  allowed: median <= p90""",
    ),
    (
        "median = 150, p90 = 540",
        "median = 150",
        """\
small.toml:11: ladder.licensing.sojourn.lognormal: has the parameters median
    sojourn = { lognormal = { median = 150 } }
  allowed: {median, p90} or {median, p95} or {median, p99} or {mean, cv} or {mu, sigma}""",
    ),
    (
        'when = "china-japan"',
        'when = "china-jpan"',
        """\
small.toml:32: triggers.spillover.when: there is no dispute "china-jpan"
    when = "china-jpan"
  allowed: one of: china-korea, china-japan
  did you mean "china-japan"?""",
    ),
    (
        "China = { share = 0.90 }",
        "China = { share = 0.96 }",
        """\
small.toml:49: materials.gallium.sources: the shares of the sources sum to 1.01
    [materials.gallium.sources]
  allowed: a sum of at most 1 (within 1e-09)""",
    ),
    (
        "dependence = 0.8\n",
        "",
        """\
small.toml:76: industries.chips.uses.gallium.dependence: is missing
    [industries.chips.uses.gallium]
  allowed: a number from 0 to 1 (share of output): share of the industry's output that stops \
without it""",
    ),
    (
        "sojourn = { lognormal = { median = 200, p90 = 900 } }",
        "next = { full-ban = 1.0 }",
        """\
small.toml:67: materials.gallium.ladder: no way leads from these levels to resolved: full-ban
    [materials.gallium.ladder.full-ban]
  allowed: for every level a path of positive probability to resolved""",
    ),
    (
        "beta = { mean = 0.8, sd = 0.1 }",
        "exponential = { mean = 0.8 }",
        """\
small.toml:44: materials.gallium.cut.full-ban: has no upper bound
    cut = { licensing = 0.3, full-ban = { exponential = { mean = 0.8 } } }
  allowed: a number or a distribution from 0 to 1 (fraction)
  add max = 1""",
    ),
    (
        "seed = 7",
        "seed = 7\nseed = 8",
        """\
small.toml:5: the key run.seed appears twice
    seed = 8
  allowed: TOML
  it stands first in line 4""",
    ),
    (
        "coverage = 0.9",
        "coverage = 90%",
        """\
small.toml:43: is no valid TOML: something follows the value
    coverage = 90%
  allowed: TOML
  write a percentage as a fraction: 0.35 for 35 %""",
    ),
    (
        "seed = 7",
        'seed = 7\nsampling = "sobl"',
        """\
small.toml:5: run.sampling: is the text "sobl"
    sampling = "sobl"
  allowed: "random" or "sobol"
  did you mean "sobol"?""",
    ),
    (
        "seed = 7",
        "seed = 7\ntilt = 4",
        """\
small.toml:5: run.tilt: is 4
    tilt = 4
  allowed: a number from 0 to 3 (standard deviations)""",
    ),
    (
        "seed = 7",
        "seed = 7\ngiven_onset = true",
        """\
small.toml:5: run.given_onset: is true, but "china-japan" is active: every trial has an episode anyway
    given_onset = true
  allowed: true where no dispute is active at time 0""",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), MESSAGES, ids=[new for _, new, _ in MESSAGES])
def test_a_fault_reads_exactly_so(
    small: str,
    write: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    message: str,
) -> None:
    path = write(small.replace(old, new, 1))
    monkeypatch.chdir(path.parent)

    with pytest.raises(ConfigFault) as caught:
        load("small.toml")

    assert str(caught.value) == f"{message}\n\n1 problem found; nothing was run."


@pytest.mark.parametrize("length", [160, 161])
def test_a_line_is_shown_up_to_160_characters(
    small: str, write: Callable[..., Path], faults: Callable[..., tuple[Fault, ...]], length: int
) -> None:
    line = "trials = 0 #"
    line += "x" * (length - len(line))
    (fault,) = faults(write(small.replace("trials = 1_000", line)))
    assert fault.text == (line if length == 160 else line[:160] + "...")


def test_all_faults_come_at_once_in_the_order_of_the_file(
    small: str, write: Callable[..., Path], faults: Callable[..., tuple[Fault, ...]]
) -> None:
    text = small.replace("days = 60", "days = -1").replace("seed = 7", "seed = -7")
    text = text.replace('starts = "china-korea"', 'starts = "china"')

    found = faults(write(text), ["run.trials=0"])

    lines = [fault.line for fault in found]
    assert lines == [4, 34, 63, 0]


def test_what_a_design_needs_and_the_config_has_not(
    small: str, write: Callable[..., Path], faults: Callable[..., tuple[Fault, ...]]
) -> None:
    calm = small.replace('active = { level = "full-ban", elapsed_days = 2 }\n', "")
    calm = calm.replace("rate_per_year = 0.12", "rate_per_year = 0")
    calm = calm.replace("duration = 0.7", "duration = 0")

    found = faults(write(calm), ["run.given_onset=true", "run.tilt=0.7"])

    assert [(".".join(map(str, each.path)), each.found, each.allowed) for each in found] == [
        (
            "run.given_onset",
            "is true, but no dispute breaks out of itself: every rate_per_year is 0",
            "true where a dispute has a rate_per_year",
        ),
        (
            "run.tilt",
            "moves what all materials share, and they share nothing: all correlations are 0",
            "0, or a correlation above 0",
        ),
    ]


def test_a_tilt_without_a_table_of_correlations_has_nothing_to_move(
    small: str, write: Callable[..., Path], faults: Callable[..., tuple[Fault, ...]]
) -> None:
    alone = small.replace("[correlation]\nduration = 0.7\n", "")

    (found,) = faults(write(alone), ["run.tilt=0.7"])

    assert found.found.startswith("moves what all materials share")
