"""Streams: the 64-bit address of a draw, derived from the names of what it is for.

A stream depends on the purpose and the names only, never on positions or counts, so that adding,
removing or reordering entities leaves the draws of all others as they were. Two streams of one
model must differ: `StreamBook` checks that while the model is flattened.
"""

from __future__ import annotations

import unicodedata
from hashlib import blake2b


def stream(purpose: str, *names: str) -> int:
    """The 64-bit stream of a purpose and names.

    BLAKE2b over the parts in Unicode NFC and UTF-8, each preceded by its length, so that
    ("ab", "c") and ("a", "bc") differ.

    >>> stream("onset", "ab", "c") == stream("onset", "a", "bc")
    False
    """
    digest = blake2b(digest_size=8)
    for part in (purpose, *names):
        data = unicodedata.normalize("NFC", part).encode("utf-8")
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return int.from_bytes(digest.digest(), "little")


class StreamBook:
    """Hands out streams, and refuses the same bits for two different things."""

    def __init__(self) -> None:
        self._owners: dict[int, tuple[str, ...]] = {}

    def enter(self, purpose: str, *names: str) -> int:
        """The stream of a purpose and names.

        Raises
        ------
        ValueError
            Where another purpose or other names have the same 64 bits: about 1 chance in 10**13
            for a model of a thousand streams; renaming either entity resolves it.
        """
        value = stream(purpose, *names)
        owner = self._owners.setdefault(value, (purpose, *names))
        if owner != (purpose, *names):
            raise ValueError(f"draws of {owner} and {(purpose, *names)} share a stream: rename one")
        return value
