"""Rows of figures as pandas frames, with the columns of the file that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from riskengine.store.columns import TrialColumn


def rows_frame(row_type: type[Any], rows: Sequence[Any]) -> pd.DataFrame:
    """One row per dataclass, its fields as columns; a number that does not exist is nan.

    Parameters
    ----------
    row_type : type
        The dataclass, which gives its columns to a table without rows, too.
    rows : sequence
        Its instances.
    """
    import pandas as pd

    found = {}
    for field in fields(row_type):
        values = [getattr(row, field.name) for row in rows]
        is_number = str(field.type) == "float | None"
        found[field.name] = pd.Series(values, dtype="float64" if is_number or not rows else None)
    return pd.DataFrame(found)


def columns_frame(columns: Iterable[TrialColumn]) -> pd.DataFrame:
    """Columns of trials, one row per trial."""
    import pandas as pd

    return pd.DataFrame({each.name: each.values for each in columns})
