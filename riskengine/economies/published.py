"""Files of the public trade database BACI as CEPII publishes them: CSV, one a year, also zipped.

The columns are t (year), i (exporter), j (importer), k (product), v (thousand USD) and q (tonnes,
empty or NA where not known). Files are read block by block: a year has eleven million rows, of
which some ten thousand are kept.
"""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from riskengine.errors import RunFault, UsageFault
from riskengine.model.spelling import legible

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

COLUMNS = ("t", "i", "j", "k", "v", "q")
_BLOCK_BYTES = 1 << 23
_MISSING = ("", "NA")
_HEADER_BYTES = 4096


def published_flows(files: Sequence[str], codes: Collection[str]) -> pd.DataFrame:
    """The trade under some customs codes.

    Parameters
    ----------
    files : sequence of str
        CSV files, or ZIP archives with them; other files of an archive are passed over.
    codes : collection of str
        Six digits each.

    Returns
    -------
    DataFrame
        Columns `year`, `exporter`, `importer` (numeric codes of the database), `hs_code`,
        `usd_thousand` and `tonnes`, which is missing where the database has no quantity.

    Raises
    ------
    UsageFault
        If a file is missing or not of this form, or a year stands in two files.
    """
    import pandas as pd

    if not files:
        raise UsageFault(
            "no file of the trade database is named: riskengine new FOLDER --update-trade FILE..."
        )
    found: list[pd.DataFrame] = []
    homes: dict[int, str] = {}
    for file in files:
        for name, flows, years in _parts(file, codes):
            for year in sorted(years):
                if year in homes:
                    raise UsageFault(f"{homes[year]} and {name} both hold the year {year}.")
                homes[year] = name
            found.append(flows)
    return pd.concat(found, ignore_index=True)


def _parts(file: str, codes: Collection[str]) -> Iterator[tuple[str, pd.DataFrame, set[int]]]:
    """The flows of each CSV file in a file, with its name for messages and all its years."""
    shown = legible(file)
    with _opened(file, shown) as stream:
        if not zipfile.is_zipfile(stream):
            stream.seek(0)
            yield shown, *_flows(shown, stream, codes)
            return
        stream.seek(0)
        members = 0
        for member, inner in _members(stream):
            members += 1
            name = f"{shown}!{legible(member)}"
            yield name, *_flows(name, inner, codes)
        if not members:
            raise UsageFault(f"{shown} holds no CSV file with the columns {', '.join(COLUMNS)}.")


def _members(stream: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """The CSV files of an archive that have the columns of the trade database."""
    with zipfile.ZipFile(stream) as archive:
        for member in sorted(archive.namelist()):
            if not member.lower().endswith(".csv"):
                continue
            with archive.open(member) as inner, io.BufferedReader(inner) as buffered:  # type: ignore[type-var]
                if set(COLUMNS) <= _header(buffered.peek(_HEADER_BYTES)):
                    yield member, buffered


@contextmanager
def _opened(file: str, shown: str) -> Iterator[IO[bytes]]:
    """A regular file, and a sentence for whatever goes wrong while it is read."""
    import pyarrow as pa

    if not os.path.isfile(file):
        raise UsageFault(f"there is no file {shown}.")
    try:
        with open(file, "rb") as stream:
            yield stream
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise UsageFault(
            f"{shown} is an archive that cannot be read: {legible(str(error))}."
        ) from None
    except (pa.ArrowException, UnicodeDecodeError) as error:
        said = legible(str(error).splitlines()[0][:200])
        raise UsageFault(f"{shown} is not a CSV file of the trade database: {said}.") from None
    except OSError as error:
        raise RunFault(f"{shown} cannot be read: {error.strerror or error}") from error


def _header(start: bytes) -> set[str]:
    line = start.split(b"\n", 1)[0].decode("utf-8", "replace").lstrip("\ufeff")
    return {name.strip().strip('"') for name in line.split(",")}


def _flows(name: str, stream: IO[bytes], codes: Collection[str]) -> tuple[pd.DataFrame, set[int]]:
    """The rows of a file that are kept, and all its years."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    text = pa.string()
    reader = csv.open_csv(
        stream,
        read_options=csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(COLUMNS, text), strings_can_be_null=False
        ),
    )
    missing = [column for column in COLUMNS if column not in reader.schema.names]
    if missing:
        raise UsageFault(
            f"{name} has no column {', '.join(missing)}: files of the trade database have "
            f"{', '.join(COLUMNS)}."
        )
    wanted, kept, years = pa.array(sorted(codes)), [], set[str]()
    for batch in reader:
        block = pa.Table.from_batches([batch]).select(COLUMNS)
        years |= set(pc.unique(block["t"]).to_pylist())
        products = pc.utf8_lpad(pc.utf8_trim_whitespace(block["k"]), 6, padding="0")
        kept.append(block.set_column(3, "k", products).filter(pc.is_in(products, wanted)))
    rows = pa.concat_tables(kept) if kept else reader.schema.empty_table().select(COLUMNS)
    return _typed(name, rows), {int(year) for year in _whole(name, "t", sorted(years))}


def _typed(name: str, rows: pa.Table) -> pd.DataFrame:
    import pandas as pd

    texts = {column: [each.strip() for each in rows[column].to_pylist()] for column in COLUMNS}
    return pd.DataFrame(
        {
            "year": _whole(name, "t", texts["t"]),
            "exporter": _whole(name, "i", texts["i"]),
            "importer": _whole(name, "j", texts["j"]),
            "hs_code": texts["k"],
            "usd_thousand": _amounts(name, "v", texts["v"]),
            "tonnes": _amounts(name, "q", texts["q"]),
        }
    ).astype({"year": "int64", "exporter": "int64", "importer": "int64", "usd_thousand": "float64"})


def _whole(name: str, column: str, texts: Sequence[str]) -> list[int]:
    wrong = next((text for text in texts if not (text.strip().isdecimal() and len(text) < 9)), None)
    if wrong is not None:
        raise UsageFault(f'{name}: column {column} holds "{legible(wrong[:50])}", no whole number.')
    return [int(text) for text in texts]


def _amounts(name: str, column: str, texts: Sequence[str]) -> list[float]:
    """Amounts, `nan` where the database has none; only a quantity may be missing."""
    found = []
    for text in texts:
        if text in _MISSING and column == "q":
            found.append(float("nan"))
            continue
        try:
            amount = float(text)
        except ValueError:
            amount = -1.0
        if not 0 <= amount < 1e15:
            said = legible(text[:50])
            raise UsageFault(f'{name}: column {column} holds "{said}", no amount of 0 or more.')
        found.append(amount)
    return found
