"""Which economy is meant by a name: in English or another language, or by a code."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from riskengine.economies import tables
from riskengine.errors import UsageFault
from riskengine.model.spelling import Speller, folded, legible


@dataclass(frozen=True, slots=True, kw_only=True)
class Economy:
    """An economy of the tables."""

    code: str  #: ISO 3166 alpha-3, or EU27
    name: str  #: in English, as scenarios have it
    aliases: tuple[str, ...]  #: names in other languages, other codes
    trade_codes: tuple[int, ...]  #: numeric codes of the trade database
    is_importer: bool  #: whether the trade tables have its imports
    in_union: bool  #: whether it is a member of the EU


@cache
def known_economies() -> tuple[Economy, ...]:
    """All economies of the tables, by code."""
    rows = tables.read_rows(tables.shipped_table("economies"))
    return tuple(
        Economy(
            code=row["economy"],
            name=row["name"],
            aliases=tuple(row["aliases"].split("|")),
            trade_codes=tuple(int(code) for code in row["trade_codes"].split("|") if code),
            is_importer=row["is_importer"],
            in_union=row["in_union"],
        )
        for row in rows
    )


def find_economy(name: str) -> Economy:
    """The economy with a name, whatever the language, case, accents, dots and blanks.

    Parameters
    ----------
    name : str
        A name in English or another language, or a code of two or three letters.

    Raises
    ------
    UsageFault
        If there is none; with the nearest name that there is.

    Examples
    --------
    >>> [find_economy(name).code for name in ("South Korea", "KOR", "한국", "korea, rep. of")]
    ['KOR', 'KOR', 'KOR', 'KOR']
    """
    found = _by_key().get(plain_key(name))
    if found is not None:
        return found
    speller, known = Speller(), known_economies()
    near = speller.nearest(name, [each.name for each in known]) or speller.nearest(
        name, [alias for each in known for alias in each.aliases]
    )
    english = _by_key()[plain_key(near)].name if near else ""
    hint = f' Did you mean "{near}"' + (f" ({english})?" if english != near else "?")
    raise UsageFault(
        f'there is no economy "{legible(name[:100])}" in the trade tables.'
        + (hint if near else " Write a name, such as Germany, or a code, such as DEU.")
    )


def by_code(code: str) -> Economy:
    """The economy with a code of the tables."""
    return _by_code()[code]


def country_name(code: str) -> str:
    """The English name of an economy; its code where the tables do not know it."""
    return by_code(code).name if has_code(code) else code


def has_name(name: str) -> bool:
    """Whether an economy of the tables has a name."""
    return plain_key(name) in _by_key()


def has_code(code: str) -> bool:
    """Whether an economy of the tables has a code."""
    return code in _by_code()


def plain_key(name: str) -> str:
    """A name without what people write differently: case, accents, dots, blanks, "the", "of"."""
    words = "".join(c if c.isalnum() else " " for c in _unaccented(name)).split()
    kept = [word for word in words if word not in ("the", "of", "and")] or words
    return folded("".join(kept))


def _unaccented(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name[:200]).casefold()
    kept = (c for c in apart if unicodedata.category(c) != "Mn" or c in "\u3099\u309a")
    return unicodedata.normalize("NFC", "".join(kept))


@cache
def _by_code() -> dict[str, Economy]:
    return {each.code: each for each in known_economies()}


@cache
def _by_key() -> dict[str, Economy]:
    return {
        plain_key(name): each
        for each in known_economies()
        for name in (*each.aliases, each.name, each.code)
    }
