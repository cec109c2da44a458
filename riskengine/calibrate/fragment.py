"""`fit.toml`: what a config can take over, with where each value comes from beside it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date

from riskengine.calibrate.calibration import Calibration
from riskengine.calibrate.cautions import three
from riskengine.calibrate.episodes import ALL
from riskengine.calibrate.families import FAMILIES
from riskengine.calibrate.fitting import Fit, GroupFit
from riskengine.calibrate.observing import LEVELS, SLOW_FLOW, WORDS
from riskengine.calibrate.onset import Onset
from riskengine.errors import format_path
from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975

_Z95 = 1.6448536269514722  #: standard normal quantile of 0.95


def fragment(found: Calibration) -> str:
    """The text of `fit.toml`: a config that lacks all but what the data say.

    A config that `extends` it has to say where paths go from each level (`next`) and everything
    else. Levels stand mildest first.
    """
    lines = [*_head(found), ""]
    order = sorted(found.groups, key=lambda g: g.quantity != SLOW_FLOW)
    chosen = [g for g in order if g.group == ALL and g.quantity in LEVELS and g.best]
    for group in chosen:
        lines += [*_level(group, found.table.cut_off), ""]
    lines += _sweep(chosen)
    lines += _comments([line for group in found.groups if group not in chosen
                        for line in _other(group)])  # fmt: skip
    lines += _comments([line for onset in found.onsets for line in _onset(onset)])
    lines += _comments(list(_steps(found)))
    return "\n".join(lines).rstrip() + "\n"


def number(value: float) -> str:
    """A number as TOML writes it, with six figures.

    >>> number(60.0), number(0.9120391), number(1e-7)
    ('60.0', '0.912039', '1e-07')
    """
    text = f"{value:.6g}"
    return text if re.search(r"[.e]", text) else f"{text}.0"


def one_line(text: str) -> str:
    """Any text as part of a comment.

    >>> one_line("a" + chr(10) + "b")
    'a b'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _comments(lines: list[str]) -> list[str]:
    return [f"# {line}".rstrip() for line in lines]


def _head(found: Calibration) -> Iterator[str]:
    table, request = found.table, found.request
    by = f", by {', '.join(request.by)}" if request.by else ""
    head = [
        f"Fitted by `riskengine calibrate` to {one_line(table.name)}: {request.quantity}{by}.",
        f"SHA-256 of the table: {table.sha256}",
    ]
    if table.cut_off is not None:
        head.append(f"As known on {table.cut_off}.")
    head += [
        'A fragment: copy it beside your config and write `extends = "fit.toml"` there; your',
        "config says where paths go (`next`) and the rest. n counts episodes; censored is the",
        "share of them that had not ended. Intervals are 95 % and count political events.",
    ]
    return iter(_comments(head))


def _about(group: GroupFit) -> str:
    return (
        f"n = {group.n}, censored {100.0 * group.censored:.0f} %, {group.clusters} political events"
    )


def _level(group: GroupFit, known_on: date | None) -> Iterator[str]:
    """A level, with the day as of which the table knew it: a back-test asks for it."""
    fit = group.best
    assert fit is not None  # noqa: S101  (chosen for having one)
    yield f"[ladder.{LEVELS[group.quantity]}]"
    yield f"# {WORDS[group.quantity].capitalize()}: {_about(group)}; {_ends(fit)}"
    yield f"sojourn = {sojourn(fit)}"
    if known_on is not None:
        yield f"known_on = {known_on.isoformat()}"


def _ends(fit: Fit) -> str:
    median, p90 = fit.figures["median"], fit.figures["p90"]
    return f"median {_interval(median)} days, 90 % quantile {_interval(p90)}"


def _interval(figure: Estimate) -> str:
    if math.isnan(figure.lower):
        return three(figure.value)
    return f"{three(figure.value)} ({three(figure.lower)} to {three(figure.upper)})"


def sojourn(fit: Fit) -> str:
    """The distribution of a fit as a config writes it."""
    values = ", ".join(
        f"{name} = {number(fit.figures[name].value)}" for name in FAMILIES[fit.family].form
    )
    return f"{{ {fit.family} = {{ {values} }} }}"


def _sweep(chosen: list[GroupFit]) -> Iterator[str]:
    """The uncertainty of every value, ready for a sweep."""
    if not chosen:
        return
    yield "[sweep.parameters]"
    yield "# How uncertain each value is: its 95 % interval as a lognormal distribution."
    for group in chosen:
        fit = group.best
        assert fit is not None  # noqa: S101
        path = ("ladder", LEVELS[group.quantity], "sojourn", fit.family)
        for name, spread in uncertainty(fit).items():
            yield f'"{format_path((*path, name))}" = {spread}'
    yield ""


def uncertainty(fit: Fit) -> dict[str, str]:
    """For each parameter of the written form, the distribution of its uncertainty.

    Notes
    -----
    Lognormal about the value, with the log standard deviation of the interval (its width in logs
    over 2 x 1.96). A lognormal sojourn is written by median and 90 % quantile, which a sweep draws
    independently: both are cut off where they would meet, at the point that is equally many
    standard deviations from either, log c = (s_p log m + s_m log p) / (s_m + s_p).
    """
    found: dict[str, str] = {}
    figures = {name: fit.figures[name] for name in FAMILIES[fit.family].form}
    spreads = {name: _log_spread(figure) for name, figure in figures.items()}
    bounds = dict.fromkeys(figures, "")
    if set(figures) == {"median", "p90"} and all(spreads.values()):
        m, p = figures["median"].value, figures["p90"].value
        s_m, s_p = spreads["median"], spreads["p90"]
        meeting = math.exp((s_p * math.log(m) + s_m * math.log(p)) / (s_m + s_p))
        bounds = {"median": f", max = {number(meeting)}", "p90": f", min = {number(meeting)}"}
    for name, figure in figures.items():
        if spreads[name] > 0.0:
            high = number(figure.value * math.exp(_Z95 * spreads[name]))
            inner = f"{{ median = {number(figure.value)}, p95 = {high} }}"
            found[name] = f"{{ lognormal = {inner}{bounds[name]} }}"
    return found


def _log_spread(figure: Estimate) -> float:
    """Standard deviation of the log of a figure; 0 where it has no interval."""
    if not (math.isfinite(figure.lower) and math.isfinite(figure.upper) and figure.lower > 0.0):
        return 0.0
    return (math.log(figure.upper) - math.log(figure.lower)) / (2.0 * NORMAL_975)


def _other(group: GroupFit) -> Iterator[str]:
    """A group whose level is for the reader to choose."""
    name = "all episodes" if group.group == ALL else one_line(group.group)
    yield f"{WORDS[group.quantity].capitalize()}, {name}: {_about(group)}"
    fit = group.best
    if fit is None:
        yield f"not fitted: {one_line(group.refused)}"
    else:
        pulled = "; pulled towards all episodes" if group.pull else ""
        yield f"{_ends(fit)}{pulled}"
        yield f"sojourn = {sojourn(fit)}"
        for parameter, spread in uncertainty(fit).items():
            path = format_path(("ladder", "LEVEL", "sojourn", fit.family, parameter))
            yield f'"{path}" = {spread}'
    yield ""


def _onset(onset: Onset) -> Iterator[str]:
    name = "all episodes" if onset.group == ALL else one_line(onset.group)
    events = f"{onset.clusters} political events, {onset.episodes} episodes"
    yield f"Onsets, {name}: {events} in {onset.exposure_years:.1f} years"
    yield f"rate_per_year = {number(onset.by_cluster.value)}  # {_interval(onset.by_cluster)}"
    gamma = f"{{ shape = {onset.clusters + 0.5}, scale = {number(1.0 / onset.exposure_years)} }}"
    yield f'"disputes.NAME.rate_per_year" = {{ gamma = {gamma} }}'
    yield ""


def _steps(found: Calibration) -> Iterator[str]:
    """The chances of steps, by group, as a `next` might hold them."""
    for group in dict.fromkeys(step.group for step in found.steps.rows):
        rows = [step for step in found.steps.rows if step.group == group]
        name = "all episodes" if group == ALL else one_line(group)
        yield f"Next, {name}: {rows[0].decided} decided of {rows[0].episodes}"
        for step in rows:
            yield f"  {one_line(step.outcome)} {_interval(step.chance)}, {step.count} seen"
        yield ""
