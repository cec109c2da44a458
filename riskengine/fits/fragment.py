"""`fit.toml`: values that a config can extend, each with a comment on its origin."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date

from riskengine.errors import format_path
from riskengine.fits.calibration import Calibration
from riskengine.fits.cautions import three
from riskengine.fits.episodes import ALL
from riskengine.fits.families import FAMILIES
from riskengine.fits.fitting import Fit, GroupFit
from riskengine.fits.observing import LEVELS, SLOW_FLOW, WORDS
from riskengine.fits.onset import Onset
from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975

_Z95 = 1.6448536269514722  #: standard normal quantile of 0.95


def fragment(found: Calibration) -> str:
    """The text of `fit.toml`: a partial config with only what the data say.

    A config that `extends` it has to add where paths go from each level (`next`), and everything
    else. Levels are in order, the mildest first.
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


def number(value: float, digits: int = 6) -> str:
    """A number as TOML writes it.

    >>> number(60.0), number(0.9120391), number(1e-7), number(100.0000012, 9)
    ('60.0', '0.912039', '1e-07', '100.000001')
    """
    text = f"{value:.{digits}g}"
    return text if re.search(r"[.e]", text) else f"{text}.0"


def digits_of(values: Sequence[float]) -> int:
    """How many digits tell numbers apart: six, or more if they are close to each other.

    >>> digits_of([60.0, 228.0]), digits_of([148.3, 148.4]), digits_of([100.0, 100.0])
    (6, 9, 17)
    """
    low, high = min(values), max(values)
    if len(values) < 2 or not 0.0 < low <= high < math.inf:
        return 6
    apart = math.log(high) - math.log(low)
    return 6 + min(max(math.floor(-math.log10(max(apart, 1e-11))), 0), 11)


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
    """A level, with the day on which the table knew it, because a back-test checks that day."""
    fit = group.best
    assert fit is not None  # noqa: S101  (only groups with a best fit are chosen)
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
    figures = {name: fit.figures[name].value for name in FAMILIES[fit.family].form}
    digits = _digits(fit)
    values = ", ".join(f"{name} = {number(value, digits)}" for name, value in figures.items())
    return f"{{ {fit.family} = {{ {values} }} }}"


def _digits(fit: Fit) -> int:
    """Digits a config needs to keep a 90 % quantile that is close to the median above it."""
    form = FAMILIES[fit.family].form
    return digits_of([fit.figures[name].value for name in form]) if "p90" in form else 6


def _sweep(chosen: list[GroupFit]) -> Iterator[str]:
    """The uncertainty of every value, ready for a sweep."""
    if not chosen:
        return
    yield "[sweep.parameters]"
    yield "# How uncertain each value is: lognormal, to the farther end of its 95 % interval."
    for group in chosen:
        fit = group.best
        assert fit is not None  # noqa: S101
        path = ("ladder", LEVELS[group.quantity], "sojourn", fit.family)
        for name, spread in uncertainty(fit).items():
            yield f'"{format_path((*path, name))}" = {spread}'
    yield ""


def uncertainty(fit: Fit) -> dict[str, str]:
    """The distribution of the uncertainty of each parameter that the config holds.

    Notes
    -----
    The distribution is lognormal about the value. Its 95 % range reaches the end of the interval
    that lies farther from the value on the log scale: with few episodes, that is the upper end of a
    90 % quantile. A lognormal sojourn is written as its median and 90 % quantile, and a sweep draws
    these independently. So both are cut off at the point that is the same number of standard
    deviations from either, log c = (s_p log m + s_m log p) / (s_m + s_p): they cannot cross.
    """
    figures = {name: fit.figures[name] for name in FAMILIES[fit.family].form}
    laws = {name: _law(figure) for name, figure in figures.items() if _has_ends(figure)}
    bounds = dict.fromkeys(figures, "")
    digits = _digits(fit)
    if set(laws) == {"median", "p90"}:
        (m, s_m), (p, s_p) = laws["median"], laws["p90"]
        cut = number(math.exp((s_p * m + s_m * p) / (s_m + s_p)), digits)
        bounds = {"median": f", max = {cut}", "p90": f", min = {cut}"}
    found: dict[str, str] = {}
    for name, (middle, spread) in laws.items():
        median = number(math.exp(middle), digits)
        high = number(math.exp(middle + _Z95 * spread), digits)
        found[name] = f"{{ lognormal = {{ median = {median}, p95 = {high} }}{bounds[name]} }}"
    return found


def _has_ends(figure: Estimate) -> bool:
    return math.isfinite(figure.lower) and math.isfinite(figure.upper) and figure.lower > 0.0


def _law(figure: Estimate) -> tuple[float, float]:
    """Mean and standard deviation of the log of a figure whose interval has both ends."""
    low, middle, high = math.log(figure.lower), math.log(figure.value), math.log(figure.upper)
    return middle, max(high - middle, middle - low) / NORMAL_975


def _other(group: GroupFit) -> Iterator[str]:
    """A group for which the user has to choose the level."""
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
    rate = onset.by_cluster
    events = f"{onset.clusters} political events, {onset.episodes} episodes"
    years = f"{rate.counted} events counted in {onset.exposure_years:.1f} years"
    yield f"Onsets, {name}: {events}; {years}"
    yield f"rate_per_year = {number(rate.figure.value)}  # {_interval(rate.figure)}"
    gamma = f"{{ shape = {rate.shape}, scale = {number(rate.scale)} }}"
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
