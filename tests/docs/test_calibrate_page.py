"""docs/calibrate.md says what the command does: its columns, parameters and files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from calibrate_worlds import fitted, history

from riskengine.fits import columns
from riskengine.fits.calibration import Calibration
from riskengine.fits.families import FAMILIES
from riskengine.fits.figures import FitRow, fit_rows
from riskengine.fits.fitting import FEW
from riskengine.fits.fragment import fragment
from riskengine.fits.goodness import SIMULATED
from riskengine.fits.steps import GRACE_DAYS

TEXT = (Path(__file__).parents[2] / "docs" / "calibrate.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def flow() -> Calibration:
    return fitted(history(), quantity="flow")


def test_the_fragment_shown_is_the_one_that_comes_out(flow: Calibration) -> None:
    shown = (
        TEXT.split("### Using fit.toml")[1]
        .split("```toml\n")[1]
        .split("```")[0]
        .strip()
        .splitlines()
    )
    written = fragment(flow).splitlines()
    assert {line for line in shown if line} <= set(written)


def test_every_column_with_a_meaning_is_explained() -> None:
    names = [value for key, value in vars(columns).items() if key.isupper() and key[0] != "_"]
    for name in names:
        if isinstance(name, str) and name != columns.NEEDED:
            assert f"`{name}`" in TEXT, name


def test_every_parameter_and_column_of_fit_csv_is_listed(flow: Calibration) -> None:
    assert f"`{','.join(FitRow.__dataclass_fields__)}`" in TEXT
    for family in FAMILIES:
        row = re.search(rf"{family} ((?:`\w+`(?:, )?)+)", TEXT)
        assert row is not None
        given = set(re.findall(r"`(\w+)`", row[1])) | {"median", "mean", "p90"}
        forced = fitted(history(), quantity="flow", family=family)
        assert set(forced.groups[0].fits[0].figures) == given
    for row_ in fit_rows(flow):
        if row_.quantity != "step":
            assert f"`{row_.parameter}`" in TEXT
            assert f"`{row_.quantity}`" in TEXT


def test_the_numbers_of_the_method_are_those_of_the_code() -> None:
    assert f"fewer than {FEW} episodes ended" in TEXT
    assert f"that of {SIMULATED} tables" in TEXT
    assert f"within {GRACE_DAYS} days of its" in TEXT
