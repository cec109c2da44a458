"""How the trial-level columns are stored: so that any reader of Parquet can read them, soon."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskengine.model.losses import Losses
from riskengine.store import disk
from riskengine.store.columns import TRIAL_FILES, TrialColumn
from riskengine.store.parquet import _FAST_ZSTD, series_of, write_columns

KNOWN_ENCODINGS = {"PLAIN", "RLE", "PLAIN_DICTIONARY", "RLE_DICTIONARY"}
KNOWN_CODECS = {"ZSTD", "UNCOMPRESSED"}


def written(path: Path, columns: list[TrialColumn]) -> bytes:
    with disk.new_file(path) as file:
        write_columns(file, columns)
    return path.read_bytes()


def chunks(data: bytes) -> dict[str, Any]:
    """About the first group of rows of each column, by its name."""
    group = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0)
    found = [group.column(index) for index in range(group.num_columns)]
    return {chunk.path_in_schema: chunk for chunk in found}


@pytest.mark.parametrize("name", TRIAL_FILES)
def test_only_encodings_and_codecs_that_every_reader_knows_are_used(
    tmp_path: Path, make_losses: Callable[..., Losses], name: str
) -> None:
    for chunk in chunks(written(tmp_path / name, TRIAL_FILES[name](make_losses()))).values():
        assert set(chunk.encodings) <= KNOWN_ENCODINGS
        assert chunk.compression in KNOWN_CODECS


def test_a_column_is_packed_by_what_it_is(
    tmp_path: Path, make_losses: Callable[..., Losses]
) -> None:
    levels = chunks(written(tmp_path / "m", TRIAL_FILES["materials.parquet"](make_losses())))
    days = chunks(written(tmp_path / "i", TRIAL_FILES["industries.parquet"](make_losses())))
    assert levels["deepest_level:gallium"].has_dictionary_page
    assert not levels["loss:gallium"].has_dictionary_page
    assert levels["loss:gallium"].compression == "ZSTD"
    assert days["first_loss_day:chips"].compression == "UNCOMPRESSED"


def test_amounts_are_packed_fast_and_whole_numbers_as_the_library_does(
    tmp_path: Path, make_losses: Callable[..., Losses]
) -> None:
    """The library itself, asked for one column, makes a chunk of the same size."""
    columns = TRIAL_FILES["losses.parquet"](make_losses(trials=4000))
    ours = chunks(written(tmp_path / "l", columns))
    for column in columns[:2]:
        table = pa.table({column.name: column.values}).cast(
            pa.schema([pa.field(column.name, pa.from_numpy_dtype(column.values.dtype), False)])
        )
        sizes = {}
        for level in (None, _FAST_ZSTD):
            sink = io.BytesIO()
            pq.write_table(
                table, sink, compression="zstd", compression_level=level, use_dictionary=False,
                write_statistics=column.name == "trial", write_page_checksum=True,
            )  # fmt: skip
            sizes[level] = chunks(sink.getvalue())[column.name].total_compressed_size
        expected = sizes[_FAST_ZSTD] if column.name == "total" else sizes[None]
        assert ours[column.name].total_compressed_size == expected
        assert sizes[None] != sizes[_FAST_ZSTD]


def test_only_the_number_of_the_trial_has_statistics(
    tmp_path: Path, make_losses: Callable[..., Losses]
) -> None:
    found = chunks(written(tmp_path / "l", TRIAL_FILES["losses.parquet"](make_losses())))
    assert [name for name, chunk in found.items() if chunk.is_stats_set] == ["trial"]


def test_a_name_with_dots_is_packed_as_any_other(tmp_path: Path) -> None:
    values = np.where(np.arange(5000) % 3 == 0, 0.1 * np.arange(5000.0), np.nan)
    columns = [
        TrialColumn("trial", np.arange(5000), ""),
        TrialColumn("first_loss_day:a.b", values, "days", nullable=True),
        TrialColumn("deepest_level:c.d", np.arange(5000) % 4, "level", few=True),
    ]
    data = written(tmp_path / "dots", columns)
    assert chunks(data)["first_loss_day:a.b"].compression == "UNCOMPRESSED"
    assert chunks(data)["deepest_level:c.d"].has_dictionary_page
    table = pq.ParquetFile(io.BytesIO(data)).read()
    assert np.array_equal(table["first_loss_day:a.b"].to_numpy(), values, equal_nan=True)
    assert table["first_loss_day:a.b"].null_count == 3333


def test_columns_of_rows_and_columns_of_their_own_give_the_same_bytes(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).random((3000, 4))
    columns = np.asfortranarray(rows)
    data = [
        written(tmp_path / name, [TrialColumn(str(k), matrix[:, k], "days") for k in range(4)])
        for name, matrix in (("rows", rows), ("columns", columns))
    ]
    assert data[0] == data[1]


@pytest.mark.parametrize("name", TRIAL_FILES)
def test_a_file_is_read_as_the_columns_that_were_written(
    tmp_path: Path, make_losses: Callable[..., Losses], name: str
) -> None:
    columns = TRIAL_FILES[name](make_losses())
    table = pq.ParquetFile(io.BytesIO(written(tmp_path / name, columns))).read()
    for column in columns:
        found = series_of(table[column.name])
        assert found.dtype == column.values.dtype
        assert np.array_equal(found, column.values, equal_nan=column.nullable)
        assert np.array_equal(found, table[column.name].to_numpy(), equal_nan=True)


def test_columns_are_read_across_groups_and_from_any_row_on(tmp_path: Path) -> None:
    """More rows than a group has, and a validity map that does not begin at a byte."""
    count = 131_072 + 21
    days = np.where(np.arange(count) % 3 == 0, np.nan, np.arange(count) * 0.5)
    columns = [
        TrialColumn("trial", np.arange(count), ""),
        TrialColumn("first", days, "days", nullable=True),
        TrialColumn("none", np.full(count, np.nan), "days", nullable=True),
    ]
    read = pq.ParquetFile(io.BytesIO(written(tmp_path / "rows", columns))).read()
    table = pa.concat_tables([read.slice(0, 131_069), read.slice(131_069)])
    assert table["first"].num_chunks > 1
    assert table["first"].null_count == -(-count // 3)
    for first in (0, 5, 131_075):
        part = table.slice(first)
        assert np.array_equal(series_of(part["first"]), days[first:], equal_nan=True)
        assert np.isnan(series_of(part["none"])).all()
    assert len(series_of(table.slice(count)["first"])) == 0


@pytest.mark.processes
def test_writing_and_reading_columns_does_not_load_pandas(tmp_path: Path) -> None:
    code = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from riskengine.store import disk\n"
        "from riskengine.store.columns import TrialColumn\n"
        "import pyarrow.parquet as pq\n"
        "from riskengine.store.parquet import series_of, write_columns\n"
        "days = np.array([1.0, np.nan])\n"
        "columns = [TrialColumn('trial', np.arange(2), ''), "
        "TrialColumn('first', days, 'days', nullable=True)]\n"
        "with disk.new_file(Path(sys.argv[1])) as file:\n"
        "    write_columns(file, columns)\n"
        "table = pq.ParquetFile(sys.argv[1]).read(use_threads=False)\n"
        "assert np.array_equal(series_of(table['first']), days, equal_nan=True)\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "columns")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
