"""How wide words are at most, in the fonts that pages are read in; words cut to the room they have.

A page cannot know the font of its reader. The widths are those of the widest common ones (DejaVu
Sans and Verdana), so that words which fit by them fit in Arial, Segoe UI and Noto Sans as well.
"""

from __future__ import annotations

import unicodedata

from riskengine.model.spelling import is_invisible, legible

_WIDTHS = (  #: of characters, in heights of the font
    (0.30, "'Iijl"), (0.34, " ,./:;\\|"), (0.42, "!()-[]frt"), (0.53, '"*J`sz'),
    (0.60, "?Lc_kvxy"), (0.64, "0123456789$FTabdeghnopqu{}"), (0.69, "ABEKPSVXYZ"),
    (0.79, "&CDGHNOQRU"), (0.87, "#+<=>M^w~"), (1.02, "%@Wm"),
)  # fmt: skip
_OF = {sign: width for width, signs in _WIDTHS for sign in signs}
_OTHER = 1.1  #: of any other script; very few single signs are wider
_BOLD = 1.27  #: times as wide, at most
_DOTS = "…"


def text_width(words: str, size: float, *, is_bold: bool = False) -> float:
    """The width of words in pixels, at most.

    >>> text_width("near-zero", 10.0) < text_width("near-zero", 10.0, is_bold=True)
    True
    """
    widths = (_OF.get(sign) or _width_of_other(sign) for sign in words)
    return size * sum(widths) * (_BOLD if is_bold else 1.0)


def fitted(words: str, room: float, size: float, *, is_bold: bool = False) -> str:
    """Words as they can be shown in `room` pixels: cut, with dots, where they are wider.

    >>> fitted("near-zero", 90.0, 10.0), fitted("near-zero", 40.0, 10.0), fitted("near", 5.0, 10.0)
    ('near-zero', 'near-…', '')
    """
    words = legible(words)
    if text_width(words, size, is_bold=is_bold) <= room:
        return words
    room -= text_width(_DOTS, size, is_bold=is_bold)
    kept = 0.0
    for place, sign in enumerate(words):
        kept += text_width(sign, size, is_bold=is_bold)
        if kept > room:
            whole = words[:place]
            while whole and (is_invisible(whole[-1]) or whole[-1].isspace()):
                whole = whole[:-1]
            return f"{whole}{_DOTS}" if whole else ""
    return words


def _width_of_other(sign: str) -> float:
    return 0.0 if unicodedata.combining(sign) or is_invisible(sign) else _OTHER
