"""Figures in words: as a heading, in a sentence, on a sheet, on the command line, in the docs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from riskengine.figures import catalog
from riskengine.figures.catalog import find, of_total
from riskengine.figures.measure import CONFIDENCE, Measure
from riskengine.model.confidence import (
    level_called,
    level_name,
    level_number,
    level_text,
    worst_text,
)


def figure_called(word: str, levels: Iterable[float]) -> tuple[Measure, float | None] | None:
    """The figure of the total for a word of the command line; None if none has an interval.

    >>> figure_called("mean", (0.9, 0.995)) == (find("mean"), None)
    True
    >>> figure_called("tvar99.5", (0.9, 0.995)) == (find("tvar"), 0.995)
    True
    >>> figure_called("var98", (0.9, 0.995)), figure_called("max", (0.9, 0.995))
    (None, None)
    """
    for measure in _with_interval():
        if measure.name == word and measure.levels is None:
            return measure, None
        level = level_called(word.removeprefix(measure.name), levels)
        if measure.has_confidence and word.startswith(measure.name) and level is not None:
            return measure, level
    return None


def called_figures(levels: Iterable[float]) -> str:
    """The words that `figure_called` knows, for a message.

    >>> called_figures([0.9, 0.999])
    'mean, sd, prob_loss, prob_output_loss; or var, tvar, oep_var at 90 or 99.9, such as var90'
    """
    found, numbers = _with_interval(), [level_number(level) for level in levels]
    either = " or ".join(filter(None, (", ".join(numbers[:-1]), numbers[-1])))
    alone, at = (
        [measure.name for measure in found if measure.has_confidence == with_level]
        for with_level in (False, True)
    )
    example = f"{at[0]}{numbers[0]}"
    return f"{', '.join(alone)}; or {', '.join(at)} at {either}, such as {example}"


def _with_interval() -> list[Measure]:
    return [m for m in of_total() if m.is_estimate and m.levels in (None, CONFIDENCE)]


def label(measure: Measure, level: float | None, write: Callable[[float], str]) -> str:
    """The heading of one figure of a measure; `write` writes amounts of loss.

    >>> label(find("var"), 0.99, str), label(find("prob_above"), 500.0, "{:g}".format)
    ('VaR 99 %', 'Chance of a loss above 500')
    """
    if level is None:
        return measure.words
    shown = level_text(level) if measure.has_confidence else write(level)
    return f"{measure.words} {shown}"


def in_sentence(name: str, level: float | None = None) -> str:
    """The name of one figure of a measure within a sentence.

    >>> in_sentence("var", 0.99), in_sentence("sd"), in_sentence("prob_loss")
    ('VaR 99 %', 'standard deviation', 'chance of any loss')
    """
    measure = find(name)
    words = measure.words if measure else name
    # Abbreviations keep their capitals.
    words = words[0].lower() + words[1:] if words.split()[0].istitle() else words
    return words if level is None else f"{words} {level_text(level)}"


class Row(NamedTuple):
    """How a sheet shows one figure of a measure of the total."""

    label: str
    key: str  #: first part of its defined name
    says: str  #: what the value means


def sheet_row(
    measure: Measure, level: float | None, place: int, write: Callable[[float], str]
) -> Row:
    """How a sheet shows one figure of a measure of the total.

    Parameters
    ----------
    measure : Measure
    level : float, optional
        Confidence level, or amount of loss.
    place : int
        Position of the level among those of the measure, from 1; names count amounts of loss.
    write : callable
        Writes an amount of loss.

    Examples
    --------
    >>> sheet_row(find("tvar"), 0.995, 4, str)
    Row(label='TVaR 99.5 %', key='TVaR995', says='mean loss in the worst 0.5 %')
    >>> sheet_row(find("prob_above"), 500.0, 2, str).key
    'ProbAbove2'
    """
    shown = measure.shown
    key = shown.key or "".join(part.capitalize() for part in measure.name.split("_"))
    written = label(measure, level, write)
    if level is None or not measure.has_confidence:
        number = "" if level is None else str(place)
        return Row(shown.label or written, f"{key}{number}", meaning(measure.name, level))
    heading = shown.label.format(level_text(level)) or written
    return Row(heading, f"{key}{level_name(level)}", meaning(measure.name, level))


def meaning(name: str, level: float | None = None) -> str:
    """What a figure of the total means, in words that are also true of weighted trials.

    >>> meaning("var", 0.99), meaning("tvar", 0.995)
    ('not exceeded with a chance of 99 %', 'mean loss in the worst 0.5 %')
    """
    measure = find(name)
    if measure is None:
        return ""
    if level is None or not measure.has_confidence:
        return measure.shown.says
    return measure.shown.says.format(level_text(level), beyond=worst_text(level))


def documented() -> list[list[str]]:
    """The rows of the table of measures in `docs/results.md`, the headings first."""
    rows = [["measure", "of", "definition", "unit", "interval"]]
    for measure in catalog.CATALOG:
        of = ", ".join(measure.scopes)
        further = [each.words for each in (measure.levels, measure.parts) if each]
        rows.append(
            [
                f"`{measure.name}`",
                "; ".join([of, *further]),
                measure.definition,
                measure.unit_in("money"),
                measure.interval,
            ]
        )
    return rows
