"""How figures are shown: as text on screens and pages, and as cells of a workbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from riskengine.config.toml.one_line import toml_text
from riskengine.measures.estimate import Estimate
from riskengine.reports.tables import looks
from riskengine.reports.tables.looks import Look
from riskengine.reports.tables.numbers import (
    MISSING,
    as_date,
    as_number,
    interval,
    percent,
    plain,
    short,
    short_percent,
    significant,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to show a kind of figure, in words and in cells."""

    text: Callable[[Any], str]  #: a single value
    look: Look  #: of the cell in a workbook
    ends: Callable[[Estimate], str] = interval  #: of an interval, unbracketed; "" for none
    is_text: bool = False
    on_sheet: Callable[[Any], Any] | None = None  #: makes the cell of a workbook from a text

    def show(self, cell: Any) -> str:
        """A cell as text: an estimate with its interval, and a missing value as a dash."""
        if cell is None:
            return MISSING
        if isinstance(cell, str):
            return cell
        if isinstance(cell, Estimate):
            ends = self.ends(cell)
            value = self.text(cell.value)
            return f"{value} ({ends})" if ends else value
        return self.text(cell)

    def looking(self, look: Look) -> Format:
        """The same format as text, with another look in a workbook."""
        return replace(self, look=look)


TEXT = Format(text=str, look=looks.TEXT, is_text=True)
AFTER = TEXT.looking(looks.AFTER)  #: text to the right of a figure
LINE = TEXT.looking(looks.LINE)  #: text that is not wrapped
LINE_AFTER = TEXT.looking(looks.LINE_AFTER)
WORDS = Format(text=str, look=looks.TEXT._replace(align="right"))  #: figures in words
DATE = Format(text=str, look=looks.DATE, is_text=True, on_sheet=as_date)  #: given as ISO text
FACT = Format(text=str, look=looks.FACT, is_text=True, on_sheet=as_number)
#: What a parameter is set to: a number or a word
SET_TO = Format(text=str, look=looks.SET_TO, is_text=True, on_sheet=as_number)
COUNT = Format(text="{:,.0f}".format, look=looks.COUNT)
DAYS = Format(text=significant, look=looks.DAYS)
AMOUNT = Format(text=significant, look=looks.ANY_NUMBER)  #: computed: three significant figures
SHARE = Format(text=percent, look=looks.SHARE, ends=partial(interval, share=True))
GIVEN = Format(text=plain, look=looks.GIVEN)  #: a number of a config, as it was given
#: A value of a config as its TOML, numbers as numbers
WRITTEN = Format(text=toml_text, look=looks.GIVEN, is_text=True)
GIVEN_SHARE = Format(text=short_percent, look=looks.GIVEN)
GIVEN_MEAN = Format(text=short, look=looks.GIVEN)  #: the mean of a distribution of a config


def money(scale: float) -> Format:
    """Amounts of money; cells have the number of decimals that suits amounts of this scale."""
    return AMOUNT.looking(looks.money_look(scale))
