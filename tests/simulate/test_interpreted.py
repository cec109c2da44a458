"""The engine without its compiler: the same bits, so that any step can be debugged in Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from random_configs import random_config
from simulate.bits import digest

pytestmark = pytest.mark.processes

NUMBERS = range(8, 20)
TRIALS = 4

_SCRIPT = f"""
import numba
assert numba.config.DISABLE_JIT
from random_configs import random_config
from simulate.bits import digest
print(digest(map(random_config, range({NUMBERS.start}, {NUMBERS.stop})), trials={TRIALS}))
"""


def test_interpreted_kernels_yield_the_bits_of_the_compiled_ones() -> None:
    tests = Path(__file__).parents[1]
    environment = {
        **os.environ,
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": os.pathsep.join([str(tests.parent), str(tests)]),
    }
    interpreted = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", _SCRIPT],
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert interpreted.returncode == 0, interpreted.stderr
    compiled = digest(map(random_config, NUMBERS), trials=TRIALS)
    assert interpreted.stdout.strip() == compiled
