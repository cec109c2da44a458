"""Machine code of the loops: kept under what it was made from, found again, and called."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from other_process import said
from random_configs import random_config
from simulate.bits import digest

import riskengine
from riskengine.config import load
from riskengine.kernel import workspace
from riskengine.kernel.arrays import Model, Rows
from riskengine.machine import native
from riskengine.machine.cache import folder
from riskengine.play.simulate import prepare

pytestmark = pytest.mark.skipif(native.is_interpreted(), reason="the compiler is switched off")

SEAL = 32
CONFIGS = range(5)


class Compiler:
    """Stands in for the compiler: hands over code made before and counts how often it is asked."""

    def __init__(self, code: bytes) -> None:
        self.code = code
        self.calls = 0

    def __call__(self, *_: object) -> bytes:
        self.calls += 1
        return self.code


@pytest.fixture(scope="module")
def code() -> bytes:
    """The object code of this machine, from the cache that all tests share."""
    found: list[bytes] = []
    keep = native.found_or_made
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            native, "found_or_made", lambda *asked: found.append(keep(*asked)) or found[0]
        )
        patch.setattr(native, "_loaded", {})
        digest([random_config(0)], trials=1)
    return found[0]


@pytest.fixture
def compiler(code: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compiler:
    """A new process, as it were, with an empty cache."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(native, "_loaded", {})
    compiler = Compiler(code)
    monkeypatch.setattr(native, "_compile", compiler)
    return compiler


def _figures() -> str:
    """What a process yields that has linked nothing yet."""
    native._loaded.clear()
    return digest(map(random_config, CONFIGS), trials=4)


def _kept() -> Path:
    place = folder()
    assert place is not None
    (kept,) = (place / "code").iterdir()
    return kept


def test_code_is_compiled_once_and_found_again(compiler: Compiler) -> None:
    first = _figures()
    assert compiler.calls == 1
    assert _figures() == first
    assert compiler.calls == 1


@pytest.mark.parametrize("damage", ["a bit flipped", "cut short", "emptied", "longer"])
def test_damaged_code_is_made_again_and_never_run(compiler: Compiler, damage: str) -> None:
    expected = _figures()
    content = bytearray(_kept().read_bytes())
    if damage == "a bit flipped":
        content[len(content) // 2] ^= 1
    changed = {"cut short": content[:-1], "emptied": content[:0], "longer": content + b"\0"}
    _kept().write_bytes(changed.get(damage, content))
    assert _figures() == expected
    assert compiler.calls == 2
    assert _kept().read_bytes()[SEAL:] == compiler.code


@pytest.mark.parametrize("junk", [b"junk" * 100, b"", b"\x7fELF\2\1\1" + bytes(200)])
def test_junk_with_a_checksum_of_its_own_is_never_linked(compiler: Compiler, junk: bytes) -> None:
    """LLVM ends the process at the first of these, and calls address 0 in the last."""
    expected = _figures()
    _kept().write_bytes(hashlib.sha256(junk).digest() + junk)
    assert _figures() == expected
    assert compiler.calls == 2


@pytest.mark.parametrize("part", ["_sources", "processor", "version"])
def test_stale_code_is_left_alone(
    compiler: Compiler, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _figures()
    old = _kept().name
    if part == "processor":
        name, features = native.processor()
        changed = features.replace("+sse4a", "-sse4a") + ",-sse4a"
        monkeypatch.setattr(native, "processor", lambda: (name, changed))
    elif part == "_sources":
        monkeypatch.setattr(native, "_sources", lambda: "an edit")
    else:
        monkeypatch.setattr(native, "version", lambda library: f"{library} of tomorrow")
    _figures()
    assert compiler.calls == 2
    assert len({old} | {path.name for path in (folder() / "code").iterdir()}) == 2


def test_an_edit_of_any_kernel_changes_the_digest_of_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(riskengine.__file__).parent
    sources = [*package.glob("kernel/*.py"), *package.glob("machine/*.py")]
    assert {"trials.py", "supply.py", "native.py", "compiling.py"} <= {s.name for s in sources}
    copies = [tmp_path / source.relative_to(package) for source in sources]
    for source, copy in zip(sources, copies, strict=True):
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(source.read_bytes())
    monkeypatch.setattr(native, "__file__", str(tmp_path / "machine" / "native.py"))
    seen = {native._sources()}
    for copy in copies:
        copy.write_text(copy.read_text("utf-8") + "\n", "utf-8")
        seen.add(native._sources())
    assert len(seen) == 1 + len(copies)


def test_arrays_of_another_layout_get_code_of_their_own(compiler: Compiler) -> None:
    model = prepare(load(random_config(0)), trials=1).model
    _play(model)
    _play(model)
    assert compiler.calls == 1
    other = model._replace(grid=model.grid.astype(np.float32))
    given = (other, workspace.scratch(model, 64), workspace.rows(model, 1))
    native.play_trials(*given, workspace.NO_CHANGES, 0, 0, 0)
    assert compiler.calls == 2


def test_arguments_are_laid_out_once_for_one_trial_after_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A replay plays single trials: laying out some forty arrays takes longer than one of them."""
    model = prepare(load(random_config(0)), trials=1).model
    scratch, rows = workspace.scratch(model, 2048), workspace.rows(model, 1)
    changes, laid_out = workspace.changes(0), []
    words = native._words
    monkeypatch.setattr(
        native, "_words", lambda part: laid_out.append(type(part).__name__) or words(part)
    )
    for trial in range(5):
        native.play_trials(model, scratch, rows, changes, trial, 0, 1)
    other = workspace.rows(model, 1)
    native.play_trials(model, scratch, other, changes, 4, 0, 1)
    assert laid_out == ["Model", "Scratch", "Rows", "Changes", "Rows"]
    assert other.trials.tobytes() == rows.trials.tobytes()


def _play(model: Model) -> Rows:
    rows = workspace.rows(model, 1)
    scratch = workspace.scratch(model, 2048)
    assert native.play_trials(model, scratch, rows, workspace.NO_CHANGES, 0, 0, 1) == 1
    return rows


@pytest.mark.processes
def test_a_run_that_finds_its_code_needs_no_compiler() -> None:
    digest([random_config(0)], trials=1)
    script = (
        "import sys\n"
        "from random_configs import random_config\n"
        "from simulate.bits import digest\n"
        "digest([random_config(0)], trials=1)\n"
        "print('numba' in sys.modules)"
    )
    assert said(script) == "False"
