"""How cells look: number formats, colours and fonts, each defined in one place."""

from __future__ import annotations

from typing import Any, NamedTuple

NAVY = "#1F3864"
GREY = "#595959"
GIVEN_BLUE = "#0000FF"
GIVEN_YELLOW = "#FFF9DB"  #: pale: cells for people to fill in
THIN = "#D9D9D9"
WHITE = "#FFFFFF"

#: Colours of series, by Okabe and Ito: safe for colour-blind readers. No chart has more series.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
REST = "#A6A6A6"  #: the colour of all others together


class Look(NamedTuple):
    """How a cell is shown."""

    number_format: str = ""  #: in US syntax: programs show it in the user's locale
    bold: bool = False
    italic: bool = False
    size: float = 11.0
    colour: str = ""
    fill: str = ""
    wrap: bool = False
    align: str = ""
    indent: int = 0
    border: bool = False
    boxed: bool = False  #: a thin line on all sides, where a fill hides those of the sheet
    parted: bool = False  #: a white line on both sides, between headings that would run together
    underline: bool = False

    def properties(self) -> dict[str, Any]:
        """The look as format properties of XlsxWriter."""
        found: dict[str, Any] = {"font_size": self.size, "valign": "top"}
        if self.number_format:
            found["num_format"] = self.number_format
        if self.colour:
            found["font_color"] = self.colour
        if self.fill:
            found["bg_color"] = self.fill
        if self.align:
            found["align"] = self.align
        if self.indent:
            found["indent"] = self.indent
        if self.border:
            found |= {"top": 1, "top_color": NAVY}
        if self.parted:
            found |= {"left": 1, "left_color": WHITE, "right": 1, "right_color": WHITE}
        if self.boxed:
            found |= {"border": 1, "border_color": THIN}
        switches = {"bold": self.bold, "italic": self.italic, "text_wrap": self.wrap,
                    "underline": self.underline}  # fmt: skip
        return found | {key: True for key, is_on in switches.items() if is_on}


TEXT = Look(number_format="@", wrap=True, align="left")
LINE = TEXT._replace(wrap=False)  #: text that may run on over empty cells
AFTER = TEXT._replace(indent=1)  #: text to the right of a figure
LINE_AFTER = LINE._replace(indent=1)
FACT = Look(align="left")  #: a number or a text among texts
SET_TO = Look(number_format="General", align="right", wrap=True)
DATE = Look(number_format="yyyy-mm-dd", align="left")
#: Looks with the heading above them to the left, as they are
WORDS = (TEXT, LINE, AFTER, LINE_AFTER, FACT, DATE)
SHARE = Look(number_format="[<0.01]0.00%;0.0%")
LEVEL_FORMAT = "0.0####%"  #: of a confidence level, which has six decimals at most
DAYS = Look(number_format="#,##0.0")
COUNT = Look(number_format="#,##0")
ANY_NUMBER = Look(number_format="#,##0.00")
ENTRY = Look(colour=GIVEN_BLUE, fill=GIVEN_YELLOW, boxed=True)  #: a cell for people to fill in
GIVEN = Look(colour=GIVEN_BLUE, align="right", wrap=True)

TITLE = Look(bold=True, size=16.0, colour=NAVY, align="left")
HEADING = Look(bold=True, size=12.0, colour=NAVY, align="left")
REMARK = Look(italic=True, colour=GREY, wrap=True, align="left")
PARAGRAPH = Look(wrap=True, align="left")
STRONG = Look(bold=True, wrap=True, align="left")
LINK = Look(colour=PALETTE[0], underline=True, align="left")
HEADER = Look(bold=True, colour=WHITE, fill=NAVY, wrap=True, align="center", parted=True)
TEXT_HEADER = HEADER._replace(align="left")


def header(look: Look) -> Look:
    """The look of the heading above cells of this look: that of words begins where they begin."""
    return TEXT_HEADER._replace(indent=look.indent) if look in WORDS else HEADER


def money_look(scale: float) -> Look:
    """The look of money, with the decimals that give an amount of this scale four figures.

    >>> money_look(9767.0).number_format, money_look(25.1).number_format
    ('#,##0;(#,##0);"-"', '#,##0.00;(#,##0.00);"-"')
    """
    decimals = next((d for d, least in enumerate((1000.0, 100.0, 10.0)) if scale >= least), 3)
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    return Look(number_format=f'{digits};({digits});"-"')


def summed(look: Look) -> Look:
    """The look of a sum under cells of this look."""
    return look._replace(bold=True, border=True)
