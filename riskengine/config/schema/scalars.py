"""Checks of single values: texts, numbers, flags and dates, with hints for common mistakes."""

from __future__ import annotations

import datetime
import math
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskengine.config.schema.kinds import (
    KNOWN_ON,
    Day,
    Flag,
    Integer,
    NameList,
    Number,
    Rising,
    Spread,
    Text,
    allowed,
)
from riskengine.config.sources.names import NAMES, TEXTS, fault_of_name, fault_of_text
from riskengine.errors import Fault, escaped
from riskengine.model.faults.scenario import MALFORMED, Malformed
from riskengine.model.spelling import Speller

Path = tuple[str, ...]

_WRITTEN = re.compile(
    r"([^0-9.,+-]*)([+-]?)((?:[0-9]|[.,](?=[0-9]))(?:[0-9.,'\u2019 ]*[0-9])?)(.*)"
)
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DIGITS = "write digits 0-9"

NOTHING = frozenset(
    {
        "na",
        "n/a",
        "n.a.",
        "#n/a",
        "<na>",
        "nan",
        "-nan",
        "nat",
        "null",
        "none",
        "nil",
        "missing",
        "-",
        "--",
        "---",
        "\u2013",
        "\u2014",
        "\u2212",
        ".",
        "..",
        "...",
        "?",
    }
)  #: what people and programs write into a cell without a value, in lower case

_LARGEST = sys.float_info.max
_MULTIPLES = ("k", "m", "mn", "bn", "b", "tn", "thousand", "million", "billion", "trillion")


@dataclass(slots=True)
class Findings:
    """The faults found while reading one config, and the speller for their hints."""

    faults: list[Fault] = field(default_factory=list)
    speller: Speller = field(default_factory=Speller)

    def add(self, path: Path, found: str, allowed: str = "", hint: str = "") -> Malformed:
        """Add a fault; return the marker that replaces the value in later checks."""
        self.faults.append(Fault(path=path, found=found, allowed=allowed, hint=hint))
        return MALFORMED


def says_nothing(text: str) -> bool:
    """Whether a text means that a value is not known, such as `NA` or `-`."""
    return text.strip().casefold() in NOTHING


def show(value: Any) -> str:
    """A value as a message shows it: short, and safe for a terminal.

    >>> show(True), show("60 days"), show([1, 2])
    ('true', 'the text "60 days"', 'a list')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a whole number of more than 20 digits"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, datetime.date | datetime.time):
        return f"the date or time {value.isoformat()}"
    if isinstance(value, datetime.timedelta):
        return f"the duration {value.total_seconds() / 86_400:.6g} days"
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else f"a {type(value).__name__}"


def quoted(text: str) -> str:
    """A text in quotes, cut to a readable length, with unprintable characters escaped."""
    short = text if len(text) <= 60 else text[:60] + "..."
    return f'"{escaped(short)}"'


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false do not count as numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_malformed(value: Any) -> bool:
    """Whether a value, or one inside its tables, has a fault that is already reported."""
    if isinstance(value, Mapping):
        return any(map(is_malformed, value.values()))
    return isinstance(value, Malformed)


def read_number(node: Number, value: Any, path: Path, findings: Findings) -> float | Malformed:
    """A number as a float, or the marker for a malformed value."""
    number = finite_number(node, value, path, findings)
    if number is None:
        return MALFORMED
    too_low = number <= node.low if node.low_open else number < node.low
    if too_low or number > node.high:
        hint = fraction_hint(number, node.high)
        return findings.add(path, f"is {show(value)}", allowed(node), hint)
    return number


def read_rising(
    node: Rising, value: Any, path: Path, findings: Findings
) -> tuple[float, ...] | Malformed:
    """A list of increasing numbers as a tuple, or the marker for a malformed value."""
    if node.or_range and isinstance(value, Mapping):
        return _read_even(node, value, path, findings)
    if not isinstance(value, list):
        hint = f"write [{show(value)}]" if is_number(value) else ""
        return findings.add(path, f"is {show(value)}", allowed(node), hint)
    if not value:
        return findings.add(path, "is an empty list", allowed(node), _empty_hint(node))
    if len(value) > node.most:
        return findings.add(path, f"holds {len(value):,} numbers", allowed(node))
    numbers: list[float] = []
    for item in value:
        if not is_number(item) or not _is_inside(node, item):
            hint = _part_hint(node, item) if is_number(item) else number_hint(item)
            return findings.add(path, f"holds {show(item)}", allowed(node), hint)
        if node.decimals is not None and round(item, node.decimals) != item:
            return findings.add(path, f"holds {show(item)}", allowed(node))
        if numbers and float(item) <= numbers[-1]:
            found = f"holds {show(item)} after {show(value[len(numbers) - 1])}"
            return findings.add(path, found, allowed(node))
        numbers.append(float(item) or 0.0)
    return tuple(numbers)


def _read_even(
    node: Rising, value: Mapping[str, Any], path: Path, findings: Findings
) -> tuple[float, ...] | Malformed:
    """The numbers of a range with `low`, `high` and `count`."""
    before = len(findings.faults)
    known = ("low", "high", "count")
    for key in value:
        if key not in known:
            hint = findings.speller.suggest(key, known)
            findings.add((*path, key), "is no part of a range", ", ".join(known), hint)
    if len(findings.faults) > before:
        return MALFORMED
    missing = [key for key in known if key not in value]
    if missing:
        return findings.add(path, f"is a range without {' and '.join(missing)}", ", ".join(known))
    end = Number(unit=node.unit)
    low, high = (read_number(end, value[key], (*path, key), findings) for key in ("low", "high"))
    count = read_integer(Integer(low=2, high=node.most), value["count"], (*path, "count"), findings)
    if isinstance(low, Malformed) or isinstance(high, Malformed) or isinstance(count, Malformed):
        return MALFORMED
    if low >= high:
        found = f"has low = {low:.12g} and high = {high:.12g}"
        return findings.add(path, found, "low below high")
    step = (high - low) / (count - 1)
    return (*(low + step * number for number in range(count - 1)), high)


def _is_inside(node: Rising, number: float) -> bool:
    return 0.0 < number < 1.0 if node.is_share else 0.0 <= number <= _LARGEST


def _empty_hint(node: Rising) -> str:
    return f"leave it out for {'none' if node.default is None else 'the usual ones'}"


def _part_hint(node: Rising, number: float) -> str:
    """A hint for a share that was given in percent, if the list holds shares."""
    return fraction_hint(number, 1.0) if node.is_share else number_hint(number)


def read_integer(node: Integer, value: Any, path: Path, findings: Findings) -> int | Malformed:
    """A whole number, or the marker for a malformed value."""
    if not isinstance(value, int) or isinstance(value, bool):
        hint = _integer_hint(value)
        return findings.add(path, f"is {show(value)}", allowed(node), hint)
    if not node.low <= value <= node.high:
        return findings.add(path, f"is {show(value)}", allowed(node))
    return value


def finite_number(
    node: Number | Spread, value: Any, path: Path, findings: Findings
) -> float | None:
    """A finite number as a float; None, after a fault is reported, for anything else."""
    if not is_number(value):
        hint = number_hint(value)
        findings.add(path, f"is {show(value)}", allowed(node), hint)
        return None
    if isinstance(value, int) and abs(value) > 10**300:
        findings.add(path, f"is {show(value)}", allowed(node))
        return None
    if not math.isfinite(value):
        findings.add(path, f"is {show(value)}, which is not finite", allowed(node))
        return None
    return float(value) or 0.0


def read_text(node: Text, value: Any, path: Path, findings: Findings) -> str | Malformed:
    """A text, or the marker for a malformed value."""
    if not isinstance(value, str):
        return findings.add(path, f"is {show(value)}", allowed(node))
    reason = fault_of_text(value, node.lines) if node.free else fault_of_name(value)
    if reason:
        return findings.add(path, reason, TEXTS if node.free else NAMES)
    if node.choices and value not in node.choices:
        hint = findings.speller.suggest(value, node.choices)
        return findings.add(path, f"is {show(value)}", allowed(node), hint)
    return value


def check_note(value: Any, path: Path, findings: Findings) -> None:
    """Add a fault unless a note, source or status is a text, or `known_on` is a date."""
    if isinstance(value, Malformed):
        return
    if path and path[-1] == KNOWN_ON:
        read_day(Day(), value, path, findings)
    elif not isinstance(value, str):
        findings.add(path, f"is {show(value)}", "free text in quotes")
    elif reason := fault_of_text(value, lines=True):
        findings.add(path, reason, TEXTS)


def read_flag(node: Flag, value: Any, path: Path, findings: Findings) -> bool | Malformed:
    """True or false, or the marker for a malformed value."""
    if isinstance(value, bool):
        return value
    hint = "write true or false without quotes" if isinstance(value, str) else ""
    return findings.add(path, f"is {show(value)}", allowed(node), hint)


def read_day(node: Day, value: Any, path: Path, findings: Findings) -> str | Malformed:
    """A date as ISO text, or the marker for a malformed value."""
    if type(value) is datetime.date:  # excludes datetime and PartialDate
        return value.isoformat()
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return datetime.date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    return findings.add(path, f"is {show(value)}", allowed(node))


def read_names(node: NameList, value: Any, path: Path, findings: Findings) -> Any:
    """A list of names as a tuple, or the marker for a malformed value."""
    if not isinstance(value, list):
        hint = f"write [{quoted(value)}]" if isinstance(value, str) else ""
        return findings.add(path, f"is {show(value)}", allowed(node), hint)
    if not value:
        hint = "leave it out to draw them" if node.refers else "leave it out"
        return findings.add(path, "is an empty list", allowed(node), hint)
    for item in value:
        if not isinstance(item, str) or fault_of_name(item):
            return findings.add(path, f"holds {show(item)}", allowed(node))
    if len(set(value)) < len(value):
        return findings.add(path, "holds a name twice", allowed(node))
    return tuple(value)


def fraction_hint(number: float, high: float) -> str:
    """`did you mean 0.95?` for a fraction that was given as a percentage."""
    if 0.999 <= high <= 1.0 and 2.0 <= number <= 100.0:
        return f"did you mean {number / 100.0:.12g}?"
    return ""


def number_hint(value: Any) -> str:
    """What to write instead of a text such as `35%`, `60 days`, `1,5` or `1.234,5`.

    >>> number_hint("1.234,5"), number_hint("1,234"), number_hint("USD 1,234.5")
    ('write 1234.5', 'write 1234 or 1.234, without a comma', 'write 1234.5, without the unit')
    """
    if isinstance(value, bool):
        return "true and false are no numbers"
    if not isinstance(value, str) or len(value) > 100:
        return ""
    text = unicodedata.normalize("NFKC", value).replace("\u2212", "-").strip()
    if _PLAIN.fullmatch(text):
        is_ascii = value.isascii()
        return f"write {float(text):.15g}, a number without quotes" if is_ascii else _DIGITS
    match = _WRITTEN.fullmatch(text)
    if match is None:
        if text.lower().lstrip("+-") in ("inf", "infinity"):
            return "numbers must be finite"
        return "leave out what is not known: the cell is then empty" if says_nothing(text) else ""
    before, sign, digits, after = (part.strip() for part in match.groups())
    if any(c.isdigit() and not c.isascii() for c in value):
        return _DIGITS
    if re.fullmatch(r"(_[0-9]+)+", after):
        return "write the number without _"
    if (before and after) or not all(map(_is_unit, (before, after))):
        return ""
    return _written_hint(sign, _meant(digits), before or after)


def _is_unit(text: str) -> bool:
    """Whether a text next to a number may be its unit; in `1-5`, `1/2` or `~5` there is no unit."""
    starts_well = (
        text[:1].isalpha() or text[:1] == "%" or unicodedata.category(text[:1] or " ") == "Sc"
    )
    return not text or (starts_well and not any(c.isdigit() for c in text))


def _written_hint(sign: str, numbers: Sequence[str], unit: str) -> str:
    """The hint for the numbers that a text may mean, with a unit before or after them."""
    if unit.lower().rstrip(".") in _MULTIPLES:
        return "write the number in full, with all its zeros"
    if len(numbers) != 1:
        several = " or ".join(sign + number for number in numbers)
        ending = " and without the unit" if unit else ""
        return f"write {several}, without a comma{ending}" if numbers else ""
    number = float(sign + numbers[0])
    if unit.lower() in ("%", "percent"):
        return f"write {number / 100.0:.12g}"
    return f"write {number:.15g}, without the unit" if unit else f"write {number:.15g}"


def _meant(digits: str) -> list[str]:
    """The numbers that digits with points, commas, blanks or apostrophes may mean."""
    text = re.sub(r"(?<=[0-9])['\u2019 ](?=[0-9]{3}(?![0-9]))", "", digits)
    if _PLAIN.fullmatch(text):
        return [text]
    readings = (
        (r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?", ",", "."),
        (r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?", ".", ","),
        (r"[0-9]*,[0-9]+", ".", ","),
    )
    found = [
        text.replace(thousands, "").replace(mark, ".")
        for shape, thousands, mark in readings
        if re.fullmatch(shape, text)
    ]
    return list(dict.fromkeys(found))


def _integer_hint(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return f"write {int(value)}, without a decimal point"
    return number_hint(value)
