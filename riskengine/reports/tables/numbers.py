"""Numbers and amounts of money as text: three significant figures, with the interval."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from riskengine.language.money import fitting_unit, is_counted, unit_words
from riskengine.language.speaking import say, spoken
from riskengine.measures.estimate import Estimate

MISSING = "-"
_LARGER = {"thousand": "million", "million": "billion", "billion": "trillion"}
_NUMBER = re.compile(
    r"-?(?:0|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[-+]?[0-9]{1,3})?"
)
#: A number in TOML
_WRITTEN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_MOST_DIGITS = 15  #: that a spreadsheet keeps
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_DATE = date(1900, 3, 1)
_WORDS = frozenset({*_LARGER, *_LARGER.values()})


def as_number(text: str) -> float | str:
    """A text as a number if it is one as people write it, of at most 15 figures; else the text.

    >>> as_number("1,000"), as_number("0.25"), as_number("-3"), as_number("1e-05")
    (1000.0, 0.25, -3.0, 1e-05)
    >>> as_number("007"), as_number("3.11.9"), as_number("20, 30"), as_number("9" * 16)
    ('007', '3.11.9', '20, 30', '9999999999999999')
    """
    if not _NUMBER.fullmatch(text) or sum(map(str.isdigit, text)) > _MOST_DIGITS:
        return text
    return float(text.replace(",", ""))


def as_written(value: str) -> float | str:
    """A value of a config in TOML as a number if it is one that a spreadsheet keeps; else as text.

    >>> as_written("0.5"), as_written("90"), as_written('"0.5"'), as_written("[1, 2]")
    (0.5, 90, '"0.5"', '[1, 2]')
    >>> as_written("9" * 16), as_written("007")
    ('9999999999999999', '007')
    """
    is_kept = sum(map(str.isdigit, value)) <= _MOST_DIGITS
    return json.loads(value) if is_kept and _WRITTEN.fullmatch(value) else value


def as_date(text: str) -> date | str:
    """An ISO date as a date if a spreadsheet can hold it; else the text.

    Spreadsheets disagree on the days before March 1900.

    >>> as_date("2026-01-08"), as_date("2026-01"), as_date("1899-12-31")
    (datetime.date(2026, 1, 8), '2026-01', '1899-12-31')
    """
    if not _DATE.fullmatch(text):
        return text
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return day if day >= _FIRST_DATE else text


def significant(value: float, digits: int = 3) -> str:
    """A number with `digits` significant figures and separated thousands.

    >>> significant(1234567.0), significant(0.01234), significant(24.96), significant(100.0)
    ('1,230,000', '0.0123', '25.0', '100')
    """
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return say("unlimited")
    if value == 0.0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    exponent = math.floor(math.log10(abs(rounded)))
    if exponent < -4 or exponent > 14:
        return f"{rounded:.{digits - 1}e}"
    return f"{rounded:,.{max(0, digits - 1 - exponent)}f}"


def percent(value: float) -> str:
    """A share in per cent.

    >>> percent(0.0501), percent(1.0), percent(0.0)
    ('5.01 %', '100 %', '0 %')
    """
    return MISSING if math.isnan(value) else f"{significant(100.0 * value)}{spoken().percent}"


def short(value: float) -> str:
    """A number with at most three significant figures, where more precision is not needed.

    >>> short(60.0), short(0.96), short(97.43)
    ('60', '0.96', '97.4')
    """
    text = significant(value)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def short_percent(value: float) -> str:
    """A share in per cent, with at most three significant figures.

    >>> short_percent(0.2), short_percent(0.874)
    ('20 %', '87.4 %')
    """
    return MISSING if math.isnan(value) else f"{short(100.0 * value)}{spoken().percent}"


def whole_percent(share: float) -> str:
    """A share without decimals, unless they distinguish it from 0 or 1.

    >>> whole_percent(0.354), whole_percent(0.9968), whole_percent(1.0), whole_percent(0.003)
    ('35 %', '99.7 %', '100 %', '0.3 %')
    """
    rounded = f"{100.0 * share:.0f}"
    if rounded in ("0", "100") and share not in (0.0, 1.0):
        return short_percent(share)
    return f"{rounded}{spoken().percent}"


def percent_span(shares: list[float]) -> str:
    """Several shares as one if they are equal, otherwise as a range.

    >>> percent_span([0.91, 0.35]), percent_span([0.5, 0.5])
    ('35 to 91 %', '50 %')
    """
    least, most = whole_percent(min(shares)), whole_percent(max(shares))
    if least == most:
        return most
    return f"{least.removesuffix(spoken().percent)}{spoken().to}{most}"


def plain(value: float) -> str:
    """A number of a config, as it was given: up to six figures, no padding.

    >>> plain(60.0), plain(0.125)
    ('60', '0.125')
    """
    if math.isnan(value):
        return MISSING
    return say("unlimited") if math.isinf(value) else f"{value:,.6g}"


def exact(value: float) -> str:
    """A number of a config with all its figures.

    >>> exact(1_234_567.0), exact(1_000.5)
    ('1,234,567', '1,000.5')
    """
    return f"{value:,.15g}"


def interval(estimate: Estimate, *, share: bool = False) -> str:
    """The ends of an interval, or nothing when neither exists.

    >>> interval(Estimate(10.1, 9.8, 10.4))
    '9.80 to 10.4'
    """
    write = percent if share else significant
    if math.isnan(estimate.lower) and math.isnan(estimate.upper):
        return ""
    upper = say("beyond the sample") if math.isnan(estimate.upper) else write(estimate.upper)
    return f"{write(estimate.lower)}{spoken().to}{upper}"


@dataclass(frozen=True, slots=True)
class Money:
    """A unit of money, and the divisor that converts figures of a run into it."""

    unit: str
    divisor: float

    @classmethod
    def fitting(cls, largest: float, unit: str) -> Money:
        """The unit in which an amount reads best.

        Only a currency with `thousand`, `million`, `billion` or `trillion` is scaled. Any other
        unit is left as it is, because it may contain a number itself, in any language.

        >>> Money.fitting(17_999.0, "USD million")
        Money(unit='USD billion', divisor=1000.0)
        >>> Money.fitting(17_999.0, "KRW 100 million").unit
        'KRW 100 million'
        """
        found = fitting_unit(largest, unit)
        if found is not None:
            return cls(*found)
        currency, word = _parts(unit)
        divisor = 1.0
        while largest / divisor >= 1000.0 and word in _LARGER:
            word, divisor = _LARGER[word], divisor * 1000.0
        return cls(f"{currency} {word}" if word else unit, divisor)

    @classmethod
    def told(cls, largest: float, unit: str) -> Money:
        """The unit itself, or where people count in ten thousands, the one that reads best."""
        return cls.fitting(largest, unit) if spoken().myriads else cls(unit, 1.0)

    def of(self, value: float) -> float:
        """An amount of the run in this unit.

        >>> Money("USD billion", 1000.0).of(17_999.0)
        17.999
        """
        return value / self.divisor

    def scaled(self, estimate: Estimate) -> Estimate:
        """An estimate of the run in this unit, with its interval."""
        return Estimate(*map(self.of, estimate))


def amount(value: float, unit: str) -> str:
    """An amount of money in the unit in which it reads best.

    >>> amount(17_999.0, "USD million"), amount(3.2, "EUR million")
    ('USD 18.0 billion', 'EUR 3.20 million')
    """
    money = Money.fitting(value, unit)
    return with_unit(significant(money.of(value)), money.unit)


def in_unit(value: float, unit: str) -> str:
    """An amount in its unit, or where people count in ten thousands, in the one that reads best.

    >>> in_unit(17_999.0, "USD million")
    'USD 18,000 million'
    """
    money = Money.told(value, unit)
    return with_unit(significant(money.of(value)), money.unit)


def bracketed(estimate: Estimate, unit: str) -> str:
    """The 95 % interval of an amount in parentheses and the amount's unit; empty without one."""
    money = Money.fitting(estimate.value, unit)
    ends = interval(money.scaled(estimate))
    return f" ({ends})" if ends else ""


def with_unit(figure: str, unit: str) -> str:
    """A figure with its unit of money; a unit with digits of its own gets a multiplication sign.

    >>> with_unit("1,210", "USD million"), with_unit("2,500", "KRW 100 million")
    ('USD 1,210 million', '2,500 × KRW 100 million')
    """
    unit = unit_words(unit)
    if is_counted(unit):
        return f"{figure}{unit}"
    currency, word = _parts(unit)
    if word:
        return f"{currency} {figure} {word}"
    has_digits = any(unicodedata.category(c).startswith("N") for c in unit)
    return f"{figure} × {unit}" if has_digits else f"{figure} {unit}"


def abridged(unit: str, most: int) -> str:
    """A unit cut in the middle if it is too long: both ends say what is counted.

    >>> abridged("won of 2024, million", 12)
    'won o…illion'
    """
    head = (most - 1) // 2
    return unit if len(unit) <= most else f"{unit[:head]}…{unit[-(most - 1 - head) :]}"


def _parts(unit: str) -> tuple[str, str]:
    """Currency and word of a unit such as `USD million` or `US$ million`; empty for any other.

    A currency is a code of three capitals (ISO 4217), or a currency sign after at most three
    capitals. The front parts of `hundred million` and `KRW 100 million` are not currencies.
    """
    currency, _, word = unit.rpartition(" ")
    has_sign = unicodedata.category(currency[-1:] or " ") == "Sc"
    letters = currency[:-1] if has_sign else currency
    fits = len(letters) <= 3 if has_sign else len(letters) == 3
    if word in _WORDS and fits and all("A" <= letter <= "Z" for letter in letters):
        return currency, word
    return "", ""
