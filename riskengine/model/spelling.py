"""The nearest right word for a wrong one, at a bounded cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MOST_COMPARISONS = 50_000  #: a config with ten thousand misspelt names must still fail quickly


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
