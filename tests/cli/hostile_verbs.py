"""Run verbs over hostile folders in a process with little memory; what it prints is data.

`python hostile_verbs.py KIND COUNT SOUND...` edits copies of sound folders, which are of a kind in
`hostile_folders.EDITS`, in turn, and prints a line of JSON for each answer that is wrong: a
traceback, an unknown exit code, no sentence, none within the time, or tables of something else.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import traceback
from pathlib import Path

import hostile_folders

from riskengine.cli import root
from riskengine.cli.exits import exit_code

_SECONDS = 60
_MORE_BYTES = 3 << 29  #: that a verb may take beyond what its libraries take
_FILES = ("report", "folder", "--xlsx", "--html", "--ord", "--out", "out")
_REPLACED = ("--out", "folder", "--quiet")
_SWEEP = ("sweep", "../swept.toml", *_REPLACED)
_READERS = [
    _FILES,
    ("explain", "folder", "--at", "var99"),
    ("explain", "folder", "--trial", "507"),
    ("compare", "folder", "../sound"),
]
_RUN = ("run", "../small.toml", "--trials", "5", *_REPLACED)
VERBS = {
    "run": [*_READERS, _RUN],
    "tables": [
        *_READERS,
        _RUN,
        _SWEEP,
        ("calibrate", "../small.csv", *_REPLACED),
        ("backtest", "../suites", *_REPLACED),
        ("report", "../sound", "--html", "--out", "folder"),
    ],
    "kept": [_SWEEP],
}


class Late(BaseException):
    """The answer did not come in time."""


def _late(*_: object) -> None:
    raise Late


def wrong_answer(verb: tuple[str, ...], sound: Path) -> str:
    """What is wrong with the answer of a verb; empty for a sound one."""
    out, err = io.StringIO(), io.StringIO()
    signal.alarm(_SECONDS)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = exit_code(root, verb)
    except Late:
        return f"no answer within {_SECONDS} s"
    except BaseException:  # a traceback is what is looked for
        return traceback.format_exc()[-1500:]
    finally:
        signal.alarm(0)
    said = err.getvalue()
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if code and ("Traceback" in said or not said.startswith("Error: ") or "out of memory" in said):
        return f"exit code {code} with: {said[:500]}"
    if code == 0 and "Error" in said:
        return f"exit code 0 with: {said[:500]}"
    if code == 0 and verb == _SWEEP and (found := heads(Path("folder"))) != heads(sound):
        return f"figures of {sorted(found ^ heads(sound))[:5]}"
    return ""


def heads(folder: Path) -> set[tuple[str, ...]]:
    """What the figures of a sweep are of: point, scope, name, measure, level, unit."""
    rows = csv.DictReader((folder / "sweep.csv").read_text("utf-8").splitlines())
    keys = ("point", "scope", "name", "measure", "level", "unit")
    return {tuple(row[key] for key in keys) for row in rows}


def put(sound: Path, case: Path) -> None:
    """A fresh copy of a folder, as `folder`, with what is kept beside it."""
    shutil.rmtree(case, ignore_errors=True)
    shutil.copytree(sound, case / "folder")
    if (kept := hostile_folders.kept_beside(sound)).exists():
        shutil.copytree(kept, hostile_folders.kept_beside(case / "folder"))


def main() -> None:
    asked = _asked()
    sounds, work = asked.sound, asked.sound[0].parent
    verbs, case = VERBS[asked.kind], work / "case"
    each = [edit for edit, _ in hostile_folders.EDITS[asked.kind]]
    weighted = [edit for edit, times in hostile_folders.EDITS[asked.kind] for _ in range(times)]
    if asked.edit:
        each = weighted = [getattr(hostile_folders, asked.edit)]
    for verb in verbs:  # libraries are loaded, and their memory counted, before it is bounded
        put(sounds[0], case)
        os.chdir(case)
        assert not (found := wrong_answer(verb, sounds[0])), found
        if asked.kind == "kept":  # it was believed, and all was played
            assert not hostile_folders.kept_beside(case / "folder").exists()
        os.chdir(work)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + _MORE_BYTES, taken + _MORE_BYTES))
    for place, number in enumerate(range(asked.seed, asked.seed + asked.count)):
        sound = sounds[number % len(sounds)]
        for verb in verbs if asked.verbs == "all" else [verbs[number // len(sounds) % len(verbs)]]:
            put(sound, case)
            chosen = random.Random(number)
            edit = each[place] if place < len(each) else chosen.choice(weighted)
            done = edit(case / "folder", chosen)
            os.chdir(case)
            found = wrong_answer(verb, sound)
            os.chdir(work)
            if found:
                record = {"seed": number, "edit": done, "verb": " ".join(verb), "found": found}
                sys.__stdout__.write(json.dumps(record) + "\n")
                sys.__stdout__.flush()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=VERBS)
    parser.add_argument("count", type=int)
    parser.add_argument("sound", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--edit", default="")
    parser.add_argument("--verbs", choices=("one", "all"), default="one")
    return parser.parse_args()


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, _late)
    main()
