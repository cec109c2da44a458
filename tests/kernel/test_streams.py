"""Streams: the address of a draw depends on purpose and names, and on nothing else."""

from __future__ import annotations

import itertools
import unicodedata

import pytest

from riskengine.model import streams
from riskengine.model.streams import StreamBook, stream


def test_a_stream_is_fixed_for_ever() -> None:
    """Results of years ago can be reproduced only as long as this number stays."""
    assert stream("onset", "china-korea") == int.from_bytes(
        _blake(b"\x05" + bytes(7) + b"onset" + b"\x0b" + bytes(7) + b"china-korea"), "little"
    )


def _blake(data: bytes) -> bytes:
    from hashlib import blake2b

    return blake2b(data, digest_size=8).digest()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("ab",), ("a", "b")),
        (("a", ""), ("a",)),
        (("", "a"), ("a", "")),
        (("path", "a", "b"), ("path", "b", "a")),
        (("path", "a"), ("cover", "a")),
        (("a\x00", "b"), ("a", "\x00b")),
        (("path", "A"), ("path", "a")),
    ],
    ids=str,
)
def test_different_parts_make_different_streams(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    assert stream(*one) != stream(*other)


@pytest.mark.parametrize("name", ["Corée", "ガリウム", "Å", "한국", "plain"])
def test_composed_and_decomposed_names_have_one_stream(name: str) -> None:
    forms = {unicodedata.normalize(form, name) for form in ("NFC", "NFD")}
    assert len({stream("path", form) for form in forms}) == 1


def test_compatibility_forms_are_different_names() -> None:
    assert stream("path", "ﬁ") != stream("path", "fi")


def test_no_two_of_many_streams_collide() -> None:
    names = [f"n{k}" for k in range(60)]
    found = {
        stream(purpose, *pair)
        for purpose in ("onset", "path", "cover")
        for pair in itertools.product(names, names)
    }
    found |= {stream(purpose, name) for purpose in ("onset", "path", "cover") for name in names}
    assert len(found) == 3 * (60 * 60 + 60)


def test_a_book_hands_out_the_same_stream_again() -> None:
    book = StreamBook()
    assert book.enter("path", "a") == book.enter("path", "a") == stream("path", "a")


def test_a_book_refuses_two_things_with_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "stream", lambda *parts: 42)
    book = StreamBook()
    book.enter("path", "a")
    with pytest.raises(ValueError, match="share a stream: rename one"):
        book.enter("path", "b")


def test_a_book_refuses_two_purposes_with_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "stream", lambda *parts: len(parts))
    book = StreamBook()
    book.enter("path", "a")
    with pytest.raises(ValueError, match=r"\('path', 'a'\) and \('cover', 'a'\)"):
        book.enter("cover", "a")
