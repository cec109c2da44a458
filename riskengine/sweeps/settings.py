"""Settings of parameters as text, as a config would write them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from riskengine.sweeps.tables import PointRow, Setting

NOTHING = "none"  #: for a path to which the config gives no value


def setting_words(points: Sequence[PointRow], span: slice) -> list[str]:
    """The setting of one parameter at each point, as text.

    Parameters
    ----------
    points : sequence of PointRow
    span : slice
        The position of the parameter's settings among those of a point.
    """
    return [", ".join(value_words(value) for value in row.settings[span]) for row in points]


def value_words(value: Setting) -> str:
    """One value, unrounded.

    >>> value_words(30.0), value_words(0.1), value_words(True), value_words("sum")
    ('30', '0.1', 'true', 'sum')
    """
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else repr(value)


def parameter_spans(parameters: Sequence[str], paths: int) -> list[slice]:
    """The slice of each parameter's paths among all paths.

    Parameters
    ----------
    parameters : sequence of str
        As a config writes them: one path, or several with commas between them.
    paths : int
        Number of all paths.

    Raises
    ------
    ValueError
        If the parameters do not have this number of paths.

    Examples
    --------
    >>> parameter_spans(["a.b", 'c."d, e", f'], 3)
    [slice(0, 1, None), slice(1, 3, None)]
    """
    ends = [0]
    for parameter in parameters:
        ends.append(ends[-1] + len(paths_in(parameter)))
    if ends[-1] != paths:
        raise ValueError(f"parameters with {ends[-1]} paths cannot have {paths}")
    return [slice(start, end) for start, end in itertools.pairwise(ends)]


def paths_in(parameter: str) -> list[str]:
    """The paths of a parameter: its parts between commas outside quotes.

    >>> paths_in('a.b, c."d, e"')
    ['a.b', 'c."d, e"']
    """
    paths, quote, is_escaped = [""], "", False
    for character in parameter:
        if is_escaped:
            is_escaped = False
        elif quote:
            is_escaped = character == "\\" and quote == '"'
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == ",":
            paths.append("")
            continue
        paths[-1] += character
    return [path.strip() for path in paths]


def setting_text(setting: tuple[Setting, ...]) -> str:
    """A setting as tables show it; shown once if all paths of the parameter get the same value."""
    return shown_setting(", ".join(map(value_words, setting)))


def shown_setting(words: str) -> str:
    """A setting in words, with at most six figures a number; once if all paths get the same.

    >>> shown_setting("0.30000000000000004, sum"), shown_setting("30, 30")
    ('0.3, sum', '30')
    """
    parts = list(map(_rounded, words.split(", ")))
    return parts[0] if len(set(parts)) == 1 else ", ".join(parts)


def _rounded(words: str) -> str:
    if not words[-1:].isdigit():
        return words
    try:
        return f"{float(words):.6g}" if len(words) > 7 else words
    except ValueError:
        return words


def named_parameter(parameter: str) -> str:
    """A parameter as sentences and tables name it: its first path, and a count of the others.

    >>> named_parameter("materials.a.cut, materials.b.cut")
    'materials.a.cut and 1 more'
    """
    first, *others = paths_in(parameter)
    return f"{first} and {len(others)} more" if others else first
