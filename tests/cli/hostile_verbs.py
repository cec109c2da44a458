"""Run verbs over hostile folders in a process with little memory; what it prints is data.

`python hostile_verbs.py SOUND WORK SEED COUNT` prints a line of JSON for each answer that is wrong:
a traceback, an unknown exit code, no sentence, or none within the time.
"""

from __future__ import annotations

import contextlib
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
VERBS = [
    _FILES,
    ("explain", "folder", "--at", "var99"),
    ("explain", "folder", "--trial", "507"),
    ("compare", "folder", "../sound"),
    ("run", "../small.toml", "--trials", "5", "--out", "folder", "--quiet"),
]


class Late(BaseException):
    """The answer did not come in time."""


def _late(*_: object) -> None:
    raise Late


def wrong_answer(verb: tuple[str, ...]) -> str:
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
    return ""


def main() -> None:
    sound, work, seed, count = Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:5])
    edits = [edit for edit, times in hostile_folders.EDITS for _ in range(times)]
    if len(sys.argv) > 5 and sys.argv[5] != "any":
        edits = [getattr(hostile_folders, sys.argv[5])]
    case = work / "case"
    case.mkdir()
    os.chdir(case)
    shutil.copytree(sound, case / "folder")
    for verb in VERBS[:-1]:  # libraries are loaded, and their memory counted, before it is bounded
        assert not (found := wrong_answer(verb)), found
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + _MORE_BYTES, taken + _MORE_BYTES))
    os.chdir(work)
    for number in range(seed, seed + count):
        chosen = random.Random(number)
        for verb in VERBS if len(sys.argv) > 6 else chosen.sample(VERBS, 2):
            shutil.rmtree(case)
            shutil.copytree(sound, case / "folder")
            chosen = random.Random(number)
            done = chosen.choice(edits)(case / "folder", chosen)
            os.chdir(case)
            found = wrong_answer(verb)
            os.chdir(work)
            if found:
                record = {"seed": number, "edit": done, "verb": " ".join(verb), "found": found}
                sys.__stdout__.write(json.dumps(record) + "\n")
                sys.__stdout__.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, _late)
    main()
