"""A script in a process of its own, which can import what tests can."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_TESTS = Path(__file__).parent


def said(script: str, **environment: str) -> str:
    """What the script prints, with these variables in its environment; its errors end the test."""
    path = os.pathsep.join([str(_TESTS.parent), str(_TESTS)])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
