"""Reading files: only regular ones, only in the config's folder, each once, as UTF-8 text.

A config may come from someone else. The files that it names (`extends`, tables, files of values)
must lie in the folder of the config that the user named, after following symbolic links. So a
config can never pull other files of the machine into a result. The one exception is what comes
with riskengine, which a config may extend by its name; the files that it names lie there too.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from riskengine.config.sources.shipped import PREFIX, by_name, extendable, shipped_folder
from riskengine.errors import escaped
from riskengine.model.spelling import Speller

MOST_BYTES = 50_000_000  #: largest file that is read

_OF_A_PATH = "a path relative to the file that names it, inside the folder of the config"
_SAVE = "save it as UTF-8"
_WINDOW = 100_000  #: bytes used to detect an encoding
_CHINESE = "\u4e00-\u9fff"
_KANA = "\u3005-\u3007\u3041-\u3096\u30a1-\u30fc"
_LONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_SCRIPTS = {
    "CP949 (Korean Windows)": ("cp949", re.compile("[\uac00-\ud7a3]")),
    "Shift-JIS (Japanese Windows)": ("cp932", re.compile(f"[{_CHINESE}{_KANA}]")),
    "EUC-JP (Japanese)": ("euc_jp", re.compile(f"[{_CHINESE}{_KANA}]")),
    "GB18030 (Chinese Windows)": ("gb18030", re.compile(f"[{_CHINESE}]")),
    "Big5 (traditional Chinese)": ("big5", re.compile(f"[{_CHINESE}]")),
}  #: encoding -> its codec, and the letters expected in a text

ELSEWHERE = re.compile(r"^(?:[/\\~]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://)")


class UnreadableError(Exception):
    """A file cannot be read; `found`, `allowed` and `hint` go into the fault."""

    def __init__(self, found: str, allowed: str, hint: str = ""):
        super().__init__(found)
        self.found, self.allowed, self.hint = found, allowed, hint


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that was read."""

    name: str  #: relative to the config's folder, or `riskengine:` and relative to the shipped one
    shown: str  #: as messages name it
    data: bytes

    @property
    def folder(self) -> str:
        """Folder of the file, as `Folder.open` takes it."""
        is_on_top = "/" not in self.name and self.name.startswith(PREFIX)
        return PREFIX if is_on_top else self.name.rpartition("/")[0]


@dataclass(slots=True)
class Folder:
    """The folder of the config: the only place files are read from."""

    root: str  #: real path
    shown: str = ""  #: prefix of file names in messages
    _read: dict[str, File] = field(default_factory=dict)
    _kept: dict[str, File] = field(default_factory=dict)  #: read before; not read again
    _config: str = ""  #: name of the config itself, which may be a link to elsewhere
    parsed: dict[tuple[str, str], Any] = field(default_factory=dict)  #: what its files hold

    def again(self) -> Folder:
        """The same folder with no file opened yet; files read so far keep their bytes."""
        return Folder(root=self.root, shown=self.shown, _kept=self._kept | self._read)

    @property
    def hashes(self) -> tuple[tuple[str, str], ...]:
        """Name and SHA-256 of every file read, computed from the bytes that were parsed."""
        import hashlib

        return tuple(
            (file.name, hashlib.sha256(file.data).hexdigest()) for file in self._read.values()
        )

    def open_config(self, name: str) -> File:
        """Read the config itself, which may be a link to a file elsewhere.

        Raises
        ------
        UnreadableError
            When there is no such regular file or it is too large.
        """
        self._config = name
        return self._load(os.path.join(self.root, name), name)

    def open(self, reference: str, beside: str) -> File:
        """Read a file that a config names.

        Parameters
        ----------
        reference
            The relative path as written.
        beside
            Folder of the file that names it, relative to the config's folder.

        Raises
        ------
        UnreadableError
            When the path leaves the config's folder, or the file does not exist, is not regular or
            is too large.
        """
        if reference.startswith(PREFIX):
            raise UnreadableError(
                f"{show_path(reference)} comes with riskengine, where only `extends` may look",
                _OF_A_PATH,
                "copy the file beside the config",
            )
        if self._config and os.path.normpath(os.path.join(beside, reference)) == self._config:
            return self._read[self._config]
        root, prefix = self.root, ""
        if beside.startswith(PREFIX):
            root, prefix = shipped_folder(), PREFIX
            beside = beside.removeprefix(PREFIX)
        real = _resolve(root, beside, reference)
        name = os.path.relpath(real, root).replace(os.sep, "/")
        if name.startswith(PREFIX):
            raise UnreadableError(f"{show_path(name)} has a name that is kept", _OF_A_PATH)
        return self._load(real, prefix + name)

    def open_base(self, reference: str, beside: str) -> File:
        """Read a file that a config extends: one in its folder, or what comes with riskengine.

        Parameters and errors are those of `open`; the name of what is shipped must be known.
        """
        if not reference.startswith(PREFIX):
            return self.open(reference, beside)
        name = reference.removeprefix(PREFIX)
        shipped = by_name(name)
        if shipped is None or not shipped.can_extend:
            known = extendable()
            near = Speller().nearest(name, known)
            raise UnreadableError(
                f"there is no {show_path(reference)} to extend",
                "one of: " + ", ".join(f"{PREFIX}{each}" for each in known),
                f'did you mean "{PREFIX}{near}"?' if near else "",
            )
        path = os.path.join(shipped_folder(), *shipped.file.split("/"))
        return self._load(path, PREFIX + shipped.file)

    def _load(self, path: str, name: str) -> File:
        if name in self._kept:
            self._read[name] = self._kept[name]
        if name not in self._read:
            data = _read_regular(path, name)
            shown = name if name.startswith(PREFIX) else os.path.join(self.shown, name)
            self._read[name] = File(name=name, shown=shown, data=data)
        return self._read[name]


def _resolve(root: str, beside: str, reference: str) -> str:
    """The real path of a file named in the folder `beside`, which must lie below `root`."""
    if not reference or "\0" in reference:
        raise UnreadableError(f"{show_path(reference)} is no file name", _OF_A_PATH)
    if ELSEWHERE.match(reference):
        raise UnreadableError(f"{show_path(reference)} is not a relative path", _OF_A_PATH)
    folder = os.path.join(root, beside)
    real = next(
        (path for path in _spellings(folder, reference) if os.path.lexists(path)),
        os.path.join(folder, reference),
    )
    real = os.path.realpath(real)
    if os.path.commonpath([root, real]) != root:
        found = f"{show_path(reference)} leaves the folder of the config"
        raise UnreadableError(found, _OF_A_PATH)
    return real


def _spellings(folder: str, reference: str) -> list[str]:
    """The path as written and in both normal forms, since file systems use different ones."""
    forms = [reference, *(unicodedata.normalize(form, reference) for form in ("NFC", "NFD"))]
    return [os.path.join(folder, form) for form in dict.fromkeys(forms)]


def _read_regular(path: str, name: str) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise UnreadableError(f"there is no file {show_path(name)}", "", _near_file(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableError(
            f"{show_path(name)} cannot be read: {reason}", "a readable file"
        ) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise UnreadableError(f"{show_path(name)} is {kind}", "a regular file")
        data = _read_at_most(descriptor, MOST_BYTES + 1)
    except OSError as error:
        found = f"{show_path(name)} cannot be read: {error.strerror}"
        raise UnreadableError(found, "a readable file") from None
    finally:
        os.close(descriptor)
    if len(data) > MOST_BYTES:
        allowed = f"files of at most {MOST_BYTES // 1_000_000} MB"
        raise UnreadableError(f"{show_path(name)} is larger", allowed)
    return data


def _read_at_most(descriptor: int, most: int) -> bytes:
    """Read to the end or to `most` bytes, whatever size the file claims to have."""
    blocks: list[bytes] = []
    while most > 0 and (block := os.read(descriptor, min(most, 1 << 20))):
        blocks.append(block)
        most -= len(block)
    return b"".join(blocks)


def _near_file(path: str) -> str:
    """A hint about a similar file name in the same folder, or an empty string."""
    if "\\" in path:
        return "folders are separated by / in paths"
    stem, suffix = os.path.splitext(os.path.basename(path))
    try:
        names = os.listdir(os.path.dirname(path))
    except OSError:
        return ""
    near = Speller().nearest(
        stem, [name[: -len(suffix)] for name in names if suffix and name.endswith(suffix)]
    )
    return f"did you mean {show_path(near + suffix)}?" if near else ""


def show_path(path: str) -> str:
    """A path in quotes, cut to a readable length, with unprintable characters escaped."""
    return f'"{escaped(path[:200])}{"..." if len(path) > 200 else ""}"'


def decode(data: bytes) -> str:
    """The text of a file, UTF-8 with or without a byte-order mark, lines ending in a line feed.

    Raises
    ------
    UnreadableError
        When the bytes are in another encoding; the error names the possible encodings.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("looks like UTF-16", "text in UTF-8", _SAVE)
    if _is_striped(data[:4000]):
        found = "looks like UTF-16 without a byte-order mark"
        raise UnreadableError(found, "text in UTF-8", _SAVE)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"is no UTF-8 text: byte 0x{data[error.start]:02x} in line {line}"
        names = " or ".join(_encodings(data, error.start))
        looks = f"; it looks like {names}" if names else ""
        raise UnreadableError(found + looks, "text in UTF-8", _SAVE) from None
    return text.replace("\r\n", "\n")


def _is_striped(head: bytes) -> bool:
    """Whether every second byte tends to be 0, as in Western text in UTF-16."""
    return max(head[::2].count(0), head[1::2].count(0)) > len(head) // 8


def _encodings(data: bytes, at: int) -> list[str]:
    """The encodings in which the bytes from the line at a position on are text of a known script.

    Short texts may fit several encodings: no rule can tell eight Japanese bytes from Korean ones.
    """
    start = data.rfind(b"\n", 0, at) + 1
    window = data[start : start + _WINDOW]
    if 2 * len(_LONE.findall(window)) >= sum(byte >= 0x80 for byte in window):
        # Accented letters are single bytes; East Asian characters take two bytes each.
        return ["Windows-1252 (Western)"]
    return [name for name, (codec, script) in _SCRIPTS.items() if _is_in(window, codec, script)]


def _is_in(data: bytes, codec: str, script: re.Pattern[str]) -> bool:
    try:  # incremental: the data may end within a character
        text = codecs.getincrementaldecoder(codec)().decode(data)
    except UnicodeDecodeError:
        return False
    letters = "".join(c for c in text if c > "\x7f" and c.isalpha())
    return len(script.sub("", letters)) < 0.1 * len(letters)
