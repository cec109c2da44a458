"""A catalogue of texts: English -> another language, from a `.po` file as translators know it.

The English text of an entry may have places, such as `{trials} trials from {first}`. A text that
readers are to see is looked up when it is finished, its figures and names in it: the entry whose
words it has is found, and what stands in its places is put into the same places of the translation.
So texts of code, and those of stored results (notices, events of stories), are found in one way,
and code writes English as it always did.

A text that an entry could be read out of in two ways, because a name has words of the entry in it,
stays English: names and figures are never cut wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.resources import files
from json import loads
from typing import NamedTuple

from riskengine.language.languages import Language

#: A place. In `n`, `n2` and so on stands a number. With `!s` a text of its own stands in it, or
#: several with commas between them, which are looked up as well; with `!late` in that context.
PLACE = re.compile(r"\{(\w+)(?:!(\w+))?\}")
_NUMBERED = re.compile("n[0-9]*")
_COMMA = re.compile(r", (?![^(]*\))")  #: between two texts, not inside the brackets of one
_NUMBER = re.compile("[-+]?[0-9](?:[0-9.,e+-]*[0-9])?")


class Entry(NamedTuple):
    """One text of a catalogue."""

    context: str  #: where the text stands, if entries of other contexts could be taken for it
    english: str
    translation: str


def read_catalogue(code: str) -> list[Entry]:
    """All entries of a language."""
    return list(entries(files("riskengine.language").joinpath(f"{code}.po").read_text("utf-8")))


def entries(po: str) -> Iterator[Entry]:
    """The entries of a `.po` file; its header has no English text and is left out.

    >>> list(entries('# Korean\\nmsgid "Loss"\\nmsgstr "손실"\\n'))
    [Entry(context='', english='Loss', translation='손실')]
    """
    found: dict[str, str] = {}
    key = ""
    for line in [*po.splitlines(), 'msgid ""']:
        word, _, quoted = line.partition('"')
        if not quoted or line.startswith("#"):
            continue
        if word.strip():
            key = word.strip()
        if key in ("msgctxt", "msgid") and word.strip() and "msgstr" in found:
            if found["msgid"]:
                yield Entry(found.get("msgctxt", ""), found["msgid"], found["msgstr"])
            found = {}
        found[key] = found.get(key, "") + loads(f'"{quoted}')


class _Template:
    """An entry with places."""

    def __init__(self, entry: Entry):
        self._translation = entry.translation
        pieces = PLACE.split(entry.english)  # words, name, `s`, words, name, ...
        self.words = pieces[::3]
        self._places = dict(zip(pieces[1::3], pieces[2::3], strict=True))

    def told(self, text: str, catalogue: Catalogue) -> str | None:
        """The translation of a text; None if the text is not of this entry."""
        found = _read(text, self.words)
        if found is None:
            return None
        values = dict(zip(self._places, found, strict=True))
        if any(_NUMBERED.fullmatch(n) and not _NUMBER.fullmatch(v) for n, v in values.items()):
            return None
        for name, said in self._places.items():
            if said:
                values[name] = catalogue.all_told(values[name], "" if said == "s" else said)
        return PLACE.sub(lambda place: values[place[1]], self._translation)


def _read(text: str, words: Sequence[str]) -> list[str] | None:
    """What stands between words in a text; None if it does not have them, or twice.

    It takes the words where they stand first, and where they stand last: where that is the same,
    there is no other reading. So the time is that of two searches, whatever the text.

    >>> _read("loss of gallium in 2026", ["loss of ", " in ", ""])
    ['gallium', '2026']
    >>> _read("loss of Made in Korea in 2026", ["loss of ", " in ", ""])
    """
    start, end = len(words[0]), len(text) - len(words[-1])
    if start > end or not text.startswith(words[0]) or not text.endswith(words[-1]):
        return None
    first, last, low, high = [], [], start, end
    for ahead, behind in zip(words[1:-1], words[-2:0:-1], strict=True):
        at, to = text.find(ahead, low, end), text.rfind(behind, start, high)
        if at < 0 or to < 0:
            return None
        first.append(at)
        last.append(to)
        low, high = at + len(ahead), to
    if first != last[::-1]:
        return None
    starts = [start, *(at + len(piece) for at, piece in zip(first, words[1:-1], strict=True))]
    return [text[low:high] for low, high in zip(starts, [*first, end], strict=True)]


class Catalogue:
    """The texts of one language."""

    def __init__(self, language: Language):
        self._entries = read_catalogue(language.code)
        self._language = language
        self._known: dict[tuple[str, str], str] = {}

    @cached_property
    def _plain(self) -> dict[tuple[str, str], str]:
        found = (each for each in self._entries if not PLACE.search(each.english))
        return {(each.context, each.english): each.translation for each in found}

    @cached_property
    def _templates(self) -> dict[str, list[_Template]]:
        """By context, those with the most words first."""
        found: dict[str, list[_Template]] = {}
        for entry in self._entries:
            if PLACE.search(entry.english):
                found.setdefault(entry.context, []).append(_Template(entry))
        for templates in found.values():
            templates.sort(key=lambda each: -sum(map(len, each.words)))
        return found

    def told(self, text: str, context: str = "") -> str:
        """The translation of a text; the text itself where there is none."""
        key = (context, text)
        if key not in self._known:
            self._known[key] = self._look_up(text, context)
        return self._known[key]

    def all_told(self, texts: str, context: str) -> str:
        """The translation of a text, or of several with commas between them."""
        parts = [] if (context, texts) in self._plain else _COMMA.split(texts)
        found = [self.told(part, context) for part in parts]
        if found == parts:
            return self.told(texts, context)
        return self._language.comma.join(found)

    def _look_up(self, text: str, context: str) -> str:
        words = text.strip()
        if not words:
            return text
        found = self._plain.get((context, words))
        for template in self._templates.get(context, []):
            if found is not None:
                break
            found = template.told(words, self)
        if found is None:
            return text
        before, after = (self._language.gap if end == " " else "" for end in (text[0], text[-1]))
        return f"{before}{found}{after}"
