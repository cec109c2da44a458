"""The fenced blocks of the pages that users read, and what each asks a test to do.

| block | is |
| --- | --- |
| `sh` | commands; they run, and nothing is compared |
| `console` | commands after `$ `, each with what it prints below it; `$ cat FILE` shows a file |
| `python` | code of one session a page; a `text` block right below it is its output |
| `toml` | a config; if its first line is `# NAME.toml`, that file for the commands below |
| `text`, `json` | what is shown only |
| `r` | R, which the tests do not need |
| `{...}` | for the site, no text of the page |

A line `...` in an output stands for any number of lines.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
KINDS = ("sh", "console", "python", "toml", "text", "json", "r")
_FENCE = re.compile(r"^( *)```(.*)$")
_NAMED = re.compile(r"# ([\w/.-]+\.toml)\n")


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    line: int  #: of the first line of its content, from 1
    kind: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def end(self) -> int:
        """The line of its closing fence."""
        return self.line + len(self.lines)

    @property
    def file(self) -> str:
        """The name of the file that a `toml` block gives; empty if it gives none."""
        named = _NAMED.match(self.text)
        return named[1] if named else ""


class Step(NamedTuple):
    """A command or a piece of code, and the lines shown as its output."""

    block: Block
    code: str
    line: int  #: of the first line shown, from 1
    shown: tuple[str, ...] | None  #: None where nothing is to be compared


def pages() -> list[str]:
    """Names of all pages, relative to the repository."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found: list[Block] = []
    opened: tuple[int, str, str] | None = None
    held: list[str] = []
    for number, line in enumerate((ROOT / page).read_text("utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if fence is None and opened is None:
            continue
        if opened is None:
            assert fence is not None
            opened, held = (number, fence[1], fence[2]), []
        elif fence is not None:
            first, indent, kind = opened
            lines = tuple(each.removeprefix(indent) for each in held)
            if not kind.startswith("{"):
                found.append(Block(page, first + 1, kind, lines))
            opened = None
        else:
            held.append(line)
    assert opened is None, f"{page}:{opened}: the block does not end"
    return found


def steps(page: str) -> list[Step]:
    """What the blocks of a page ask to be run or written, in order."""
    found: list[Step] = []
    all_blocks = blocks(page)
    for at, block in enumerate(all_blocks):
        after = all_blocks[at + 1] if at + 1 < len(all_blocks) else None
        if block.kind == "sh":
            found += [Step(block, command, 0, None) for command in _commands(block.lines)]
        elif block.kind == "console":
            found += _console(block)
        elif block.kind == "python":
            below = after if after and after.kind == "text" and after.line - block.end < 4 else None
            shown = below.lines if below else None
            found.append(Step(block, block.text, below.line if below else 0, shown))
        elif block.kind == "toml":
            found.append(Step(block, block.text, 0, None))
    return found


def _commands(lines: tuple[str, ...]) -> list[str]:
    """Commands of a shell: a line that ends in a backslash goes on."""
    joined = "\n".join(lines).replace("\\\n", " ")
    stripped = (line.strip() for line in joined.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def _console(block: Block) -> list[Step]:
    starts = [at for at, line in enumerate(block.lines) if line.startswith("$ ")]
    assert starts, f"{block.place}: a console block begins with `$ `"
    found = []
    for start, stop in zip(starts, [*starts[1:], len(block.lines)], strict=True):
        at = start
        while block.lines[at].endswith("\\"):
            at += 1
        (command,) = _commands((block.lines[start][2:], *block.lines[start + 1 : at + 1]))
        shown = block.lines[at + 1 : stop]
        while shown and not shown[-1].strip():  # an empty line before the next command
            shown = shown[:-1]
        found.append(Step(block, command, block.line + at + 1, shown))
    return found
