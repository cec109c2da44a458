"""Run verbs whose stdout is closed or full, each in a fork of one process that has the libraries.

`python stream_verbs.py VERBS` takes a JSON list of command lines and prints one of
`[exit code, stderr]` for each of `closed` and `full`. A fork starts in a moment, a new process
loads libraries for longer than most verbs take.
"""

from __future__ import annotations

import gc
import io
import json
import os
import sys
import tempfile
from typing import BinaryIO

import llvmlite.binding
import matplotlib.backends.backend_svg
import matplotlib.figure
import pandas
import pyarrow.parquet
import scipy.stats
import xlsxwriter

import riskengine.cli
import riskengine.result
import riskengine.verbs.jobs.sweep_job

LOADED = (llvmlite, matplotlib, pandas, pyarrow, riskengine, scipy, xlsxwriter)


def _become(verb: list[str], stdout: str, stderr: BinaryIO) -> None:
    """Go on as the command would that a shell starts with its streams so."""
    os.dup2(stderr.fileno(), 2)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), write_through=True)
    if stdout == "closed":
        os.close(1)
        sys.stdout = None  # type: ignore[assignment]  # as Python itself does then
    else:
        os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)))
    sys.argv = ["riskengine", *verb]
    riskengine.cli.main()


def answer(verb: list[str], stdout: str) -> tuple[int, str]:
    """Exit code and stderr of a command."""
    with tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            _become(verb, stdout, stderr)  # ends the process, with whatever Python does at its end
        _, status = os.waitpid(child, 0)
        stderr.seek(0)
        return os.waitstatus_to_exitcode(status), stderr.read().decode()


gc.freeze()  # forks share what is loaded, and need not look through it at their end

if __name__ == "__main__":
    found = {
        stdout: [answer(verb, stdout) for verb in json.loads(sys.argv[1])]
        for stdout in ("closed", "full")
    }
    sys.stdout.write(json.dumps(found))
