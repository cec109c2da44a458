"""Units of money in languages that count in steps of ten thousand."""

from __future__ import annotations

from riskengine.language.languages import Language
from riskengine.language.speaking import spoken

_SIZES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


def unit_words(unit: str) -> str:
    """A unit such as `USD million` in the language that is spoken; any other unit as it is.

    >>> unit_words("USD million")
    'USD million'
    """
    found = _sized(unit, spoken())
    return unit if found is None else found[0]


def fitting_unit(largest: float, unit: str) -> tuple[str, float] | None:
    """The unit in which an amount reads best, and the divisor for it; None if none is known.

    Amounts from 1 up to 9,999 have the same unit: 9,990억 달러, and then 1조 달러.
    """
    language = spoken()
    found = _sized(unit, language)
    if found is None:
        return None
    _, size, currency = found
    word = next((w for w, s in language.myriads.items() if abs(largest) * size >= s), "")
    space = language.space if word else ""
    return f"{word}{space}{currency}", language.myriads[word] / size


def is_counted(unit: str) -> bool:
    """Whether a figure is written right before a unit, as in 12.3억 달러."""
    return unit.endswith(tuple(spoken().currencies.values())) if spoken().currencies else False


def _sized(unit: str, language: Language) -> tuple[str, float, str] | None:
    """A unit in words, its size in the currency, and the currency in words."""
    front, _, word = unit.rpartition(" ")
    if word in language.scales and front in language.currencies:
        currency = language.currencies[front]
        return f"{language.scales[word]}{language.space}{currency}", _SIZES[word], currency
    for word, scale in language.scales.items():
        for currency in language.currencies.values():
            if unit == f"{scale}{language.space}{currency}":
                return unit, _SIZES[word], currency
    return None
