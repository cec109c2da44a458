"""Texts as they can be shown; names that look alike; the nearest valid word for a wrong one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from riskengine.errors import escaped

MOST_COMPARISONS = 50_000  #: a config with ten thousand misspelt names must still fail quickly

# Letters of other scripts that look like Latin ones, capitals first: their small letters differ.
_TWINS = str.maketrans(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf"
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425"
    "\u0430\u0435\u0455\u0456\u0458\u043e\u0440\u0441\u0443\u0445",
    "ABEZHIKMNOPTYXoABESIJKMHOPCTXaesijopcyx",
)  # Greek; Cyrillic capitals; small ones
# Fillers, which are letters and signs by category.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))  #: of the look of a sign
# Signs of category Cf that are visible: they are drawn below or around the digits that follow.
_WRITTEN = ((0x600, 0x605), (0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891), (0x8E2, 0x8E2))

_JOINERS = ("\u200c", "\u200d")  # Persian, Indic scripts and combined emoji need them
_SPLIT = re.compile(f"([{''.join(_JOINERS)}])")


def legible(text: str) -> str:
    """The text without control and direction characters; those that join letters or emoji stay.

    >>> legible("a" + chr(0x202E) + "b"), len(legible("a" + chr(0x200D) + "b"))
    ('a\\\\u202eb', 3)
    """
    return "".join(part if part in _JOINERS else escaped(part) for part in _SPLIT.split(text))


def is_selector(character: str) -> bool:
    """Whether a character only chooses the look of the one before it."""
    return any(low <= ord(character) <= high for low, high in _SELECTORS)


def is_invisible(character: str) -> bool:
    """Whether a character is invisible, blanks apart: zero width, direction, fillers, controls."""
    if character in _INVISIBLE or is_selector(character):
        return True
    is_written = any(low <= ord(character) <= high for low, high in _WRITTEN)
    return unicodedata.category(character) in ("Cf", "Cc", "Zl", "Zp") and not is_written


def folded(name: str) -> str:
    """A name without the differences that people do not see.

    These are case, blanks, invisible characters, compatible forms of one sign (NFKC), kinds of
    dashes, and Greek and Cyrillic letters that look like Latin ones.

    >>> folded("Rare  Earths") == folded("rare\u200bearth\u0455")
    True
    """
    if name.isascii():
        return "".join(name.casefold().split())
    plain = unicodedata.normalize("NFKC", name).translate(_TWINS).casefold()
    kept = (c for c in unicodedata.normalize("NFKC", plain) if not (c.isspace() or is_invisible(c)))
    return "".join("-" if unicodedata.category(c) == "Pd" else c for c in kept)


class Speller:
    """Suggests names; after `MOST_COMPARISONS` comparisons it stays silent.

    One speller serves one reading of one config, so that what it suggests is a function of that
    config alone.
    """

    def __init__(self) -> None:
        self._remaining = MOST_COMPARISONS

    def nearest(self, word: str, names: Iterable[str]) -> str:
        """The name that looks most like `word`, or an empty text when none is near."""
        names = list(names) if self._remaining > 0 else []
        self._remaining -= len(names)
        candidates = _plausible(word, names) if self._remaining >= 0 else []
        if not candidates:
            return ""
        from difflib import get_close_matches

        folded = {name.casefold().replace("_", "-"): name for name in candidates}
        matches = get_close_matches(word.casefold().replace("_", "-"), folded, n=1, cutoff=0.6)
        return folded[matches[0]] if matches else ""

    def suggest(self, word: str, names: Iterable[str]) -> str:
        """A hint such as `did you mean "gallium"?`, or an empty text."""
        name = self.nearest(word, names)
        return f'did you mean "{name}"?' if name else ""


def _plausible(word: str, names: Sequence[str]) -> list[str]:
    """Names whose length lets them resemble `word`: difflib is quadratic in the lengths."""
    if len(word) > 100:
        return []
    slack = max(2, len(word) // 2)
    return [name for name in names if abs(len(name) - len(word)) <= slack]


def counted(count: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "option"), counted(2_000, "trial")
    ('1 option', '2,000 trials')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
