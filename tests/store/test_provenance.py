"""Where results come from: which sources stand behind a figure."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import riskengine
from riskengine.store import provenance


@pytest.mark.parametrize(
    ("source", "counts"),
    [
        ("kernel/supply.py", True),
        ("machine/native.py", True),
        ("play/simulate.py", True),
        ("sweeps/figures.py", True),
        ("reports/screen.py", False),
        ("reports/run/tables.py", False),
        ("cli/run.py", False),
    ],
)
def test_an_edit_changes_the_digest_of_the_engine_where_a_figure_can_depend_on_it(
    source: str, counts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "riskengine"
    own = Path(riskengine.__file__).parent
    shutil.copytree(own, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provenance, "__file__", str(package / "store" / "provenance.py"))
    before = provenance.engine_digest()
    (package / source).write_text((package / source).read_text("utf-8") + "\n", "utf-8")
    assert (provenance.engine_digest() != before) == counts
