"""Whatever the processor can do, results have the same bits: kernels, tables, inverses, figures.

Another processor is played by a process that may use nothing but what all processors of its kind
have: kernels compiled for any of them, numpy and its linear algebra without their other paths.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable

import numpy as np
import pytest
from other_process import said
from random_configs import random_config
from simulate.bits import digest

from riskengine.config import load
from riskengine.figures.summary import summarise
from riskengine.machine import native
from riskengine.play.simulate import simulate
from tests.golden.digests import CONFIGS, ROOT, golden

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(native.is_interpreted(), reason="the compiler is switched off"),
]


DESIGN = ("run.given_onset=true", "run.sampling=sobol", "run.tilt=0.5")


def random_worlds() -> str:
    """All losses of many odd configs: every family of distributions, indirect losses."""
    return digest(map(random_config, range(40)), trials=25)


def shipped() -> str:
    """All losses of the shipped configs."""
    return " ".join(golden(config)["sha256"] for config in CONFIGS)


def figures() -> str:
    """All figures of a plain run and of one that is none."""
    found = hashlib.sha256()
    for overrides in ((), DESIGN):
        scenario = load(ROOT / "configs" / "korea-baseline.toml", overrides=overrides)
        summary = summarise(simulate(scenario, trials=4096))
        found.update(repr((summary.figures, summary.curves)).encode())
    return found.hexdigest()


def other_paths() -> str:
    """Results of the library calls that go by the processor."""
    numbers = np.random.default_rng(1).random((64, 64))
    found = hashlib.sha256(np.log(numbers).tobytes())
    found.update((numbers @ numbers).tobytes())
    return found.hexdigest()


ASKED = (random_worlds, shipped, figures)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a plain processor answers, by function; nothing that this machine keeps is read."""
    environment = {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
        "NPY_DISABLE_CPU_FEATURES": " ".join(_dispatched()),
        "OPENBLAS_CORETYPE": "Prescott",
    }
    script = (
        "import json\n"
        "from simulate.test_processors import ASKED, other_paths\n"
        "print(json.dumps({ask.__name__: ask() for ask in (*ASKED, other_paths)}))"
    )
    answers: dict[str, str] = json.loads(said(script, **environment))
    return answers


@pytest.mark.parametrize("ask", ASKED)
def test_a_processor_with_fewer_features_yields_the_same_bits(
    elsewhere: dict[str, str], ask: Callable[[], str]
) -> None:
    assert elsewhere[ask.__name__] == ask()


@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="OPENBLAS_CORETYPE names a core of x86"
)
def test_what_the_engine_avoids_has_other_bits_there(elsewhere: dict[str, str]) -> None:
    """So the plain processor does take other paths, and the test above can fail."""
    assert elsewhere["other_paths"] != other_paths()


def _dispatched() -> list[str]:
    """Paths that numpy takes here and not on every processor."""
    from numpy._core import _multiarray_umath as core

    return [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]
