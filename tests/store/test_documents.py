"""JSON documents have the bytes of Python's own encoder, and no number without a JSON form."""

from __future__ import annotations

import json
import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.store.documents import to_json

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers() | st.booleans(), inner, max_size=4)
    ),
    max_leaves=30,
)


@pytest.mark.costly
@given(st.dictionaries(st.text(), values, max_size=5), st.booleans())
def test_a_document_has_the_bytes_of_the_json_module(
    document: dict[str, object], ascii_only: bool
) -> None:
    wanted = json.dumps(document, indent=2, ensure_ascii=ascii_only)
    assert to_json(document, ascii_only=ascii_only) == wanted + "\n"


def test_a_date_is_iso_text_wherever_it_stands() -> None:
    document = {"date": date(2026, 1, 8), "dates": [date(2025, 10, 9)]}
    found = to_json(document)
    assert json.loads(found) == {"date": "2026-01-08", "dates": ["2025-10-09"]}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_without_a_json_form_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"figures": [{"value": value}]})


def test_anything_else_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no place"):
        to_json({"names": {"gallium"}})
