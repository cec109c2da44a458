"""The language that is spoken where a page or a workbook is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from riskengine.language.catalogue import Catalogue
from riskengine.language.languages import ENGLISH, LANGUAGES, Language

_SPOKEN: ContextVar[Language | None] = ContextVar("language", default=None)


@contextmanager
def speaking(code: str | None) -> Iterator[None]:
    """Speak a language in what is made inside; a choice that was made outside stands.

    Parameters
    ----------
    code : str or None
        A key of `LANGUAGES`; None for no choice.
    """
    if code is None or _SPOKEN.get() is not None:
        yield
        return
    token = _SPOKEN.set(LANGUAGES[code])
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def spoken() -> Language:
    """The language that is spoken; English unless something else was chosen."""
    return _SPOKEN.get() or ENGLISH


def say(text: str, context: str = "") -> str:
    """A text that a reader sees, in the language that is spoken.

    Parameters
    ----------
    text : str
        Finished English. What no catalogue has, such as a name, stays as it is.
    context : str
        Where it stands, for texts that only mean the same there.

    >>> with speaking("ko"):
    ...     say("Industry")
    '산업'
    >>> say("Industry")
    'Industry'
    """
    language = _SPOKEN.get()
    if language is None or language is ENGLISH:
        return text
    return _catalogue(language.code).told(text, context)


@cache
def _catalogue(code: str) -> Catalogue:
    """The texts of a language, read once a process."""
    return Catalogue(LANGUAGES[code])
