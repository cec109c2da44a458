"""Results folders as somebody else might send them: seeded edits of a sound one."""

from __future__ import annotations

import hashlib
import json
import os
import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

Edit = Callable[[Path, random.Random], str]

TEXTS = ["", "text", "../secret", "=1+1", "2026-99-99", "x" * 40_000, "\u202e\u0007"]
NUMBERS: list[Any] = [0, -1, 1, 3, 10**30, 2**63, 0.5, -0.0, 1e308, -1e308, 1e-320]
OTHERS: list[Any] = [None, True, False, [], {}, [1], [[]], {"a": 1}, [None], {"": {}}]
RAW = ["NaN", "-Infinity", "1e999", '"\\ud800"', "[" * 500 + "]" * 500, "9" * 5000, "{", "", "\0"]
_TABLES = ("metrics", "curves", "timeline", "percentiles", "histogram", "buyers")
_COLUMNS = ("losses", "materials", "industries", "survival", "pools")
CELLS = ["", "nan", "inf", "-inf", "-1", "1e308", "1e400", "x", '"', "'=1", "total", "\0", "0x10"]


def sealed(folder: Path) -> None:
    """Write the right sizes and hashes into the manifest, as whoever edits files can."""
    place = folder / "manifest.json"
    manifest = json.loads(place.read_text("utf-8"))
    for name in manifest["files"]:
        data = (folder / name).read_bytes()
        manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    place.write_text(json.dumps(manifest), "utf-8")


def _places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Any = ()
    if isinstance(document, dict):
        items = document.items()
    elif isinstance(document, list):
        items = enumerate(document)
    for key, value in items:
        yield (*path, key)
        yield from _places(value, (*path, key))


def _json(name: str, chosen: random.Random, folder: Path) -> str:
    """Change one place of a JSON file to something of another type or size."""
    text, done = _changed((folder / name).read_text("utf-8"), chosen)
    (folder / name).write_text(text, "utf-8")
    return f"{name}: {done}"


def _changed(text: str, chosen: random.Random) -> tuple[str, str]:
    """A JSON text with one place changed, and what was done."""
    document = json.loads(text)
    places = list(_places(document))
    top = [place for place in places if len(place) <= 2]
    path = chosen.choice(top if chosen.random() < 0.5 else places)
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    how = chosen.choice(["text", "number", "other", "raw", "gone", "renamed", "added"])
    marker = "@@here@@"
    if how == "gone":
        del parent[path[-1]]
    elif how == "renamed" and isinstance(parent, dict):
        parent[chosen.choice(TEXTS)] = parent.pop(path[-1])
    elif how == "added" and isinstance(parent, dict):
        parent[chosen.choice(TEXTS)] = chosen.choice([*TEXTS, *NUMBERS, *OTHERS])
    else:
        values = {"text": TEXTS, "number": NUMBERS, "raw": [marker]}.get(how, OTHERS)
        parent[path[-1]] = chosen.choice(values)
    text = json.dumps(document).replace(f'"{marker}"', chosen.choice(RAW))
    return text, f"{how} at {'.'.join(map(str, path))[:80]}"


def manifest_field(folder: Path, chosen: random.Random) -> str:
    return _json("manifest.json", chosen, folder)


def story_field(folder: Path, chosen: random.Random) -> str:
    done = _json("stories.json", chosen, folder)
    sealed(folder)
    return done


def table_cell(folder: Path, chosen: random.Random) -> str:
    name = chosen.choice([f"{table}.csv" for table in _TABLES])
    lines = (folder / name).read_text("utf-8").split("\n")
    row = chosen.randrange(len(lines))
    how = chosen.choice(["cell", "cell", "cell", "gone", "twice", "short", "long", "emptied"])
    cells = lines[row].split(",")
    if how == "cell":
        cells[chosen.randrange(len(cells))] = chosen.choice(CELLS)
        lines[row] = ",".join(cells)
    elif how in ("gone", "twice"):
        lines[row : row + 1] = [lines[row]] * (2 * (how == "twice"))
    elif how in ("short", "long"):
        lines[row] = ",".join(cells[:-1] if how == "short" else [*cells, "1"])
    else:
        lines = [""]
    (folder / name).write_text("\n".join(lines), "utf-8")
    sealed(folder)
    return f"{name}: {how} in line {row + 1}"


def some_bytes(folder: Path, chosen: random.Random, *, sealing: bool = True) -> str:
    """Flip, cut or add bytes anywhere; half of the time with hashes that say so."""
    name = chosen.choice(sorted(os.listdir(folder)))
    data = bytearray((folder / name).read_bytes())
    how = chosen.choice(["flipped", "cut", "longer", "emptied", "zeroed"])
    at = chosen.randrange(max(1, len(data)))
    if how == "flipped" and data:
        data[at] ^= 1 << chosen.randrange(8)
    elif how == "zeroed":
        data[at : at + 64] = bytes(min(64, len(data) - at))
    else:
        data = {"cut": data[:at], "longer": data + bytes(at)}.get(how, bytearray())
    (folder / name).write_bytes(data)
    if sealing and name != "manifest.json" and chosen.random() < 0.7:
        sealed(folder)
        return f"{name}: {how} at {at}, sealed"
    return f"{name}: {how} at {at}"


def parquet_column(folder: Path, chosen: random.Random) -> str:
    """Other columns, types, rows or values than a run writes."""
    name = chosen.choice([f"{columns}.parquet" for columns in _COLUMNS])
    table = pq.ParquetFile(folder / name).read(use_threads=False)
    at = chosen.randrange(table.num_columns)
    how = chosen.choice(
        ["gone", "renamed", "text", "int32", "list", "swapped", "fewer", "more", "none", "value",
         "nulls", "twice", "shuffled"]
    )  # fmt: skip
    field, rows = table.schema.field(at), table.num_rows
    columns, names = table.columns, table.column_names
    if how == "value":
        values = np.array(columns[at].to_pylist(), dtype=float)
        wrong = chosen.choice([np.nan, np.inf, -np.inf, -1.0, 1e308, 1e18])
        values[chosen.randrange(rows)] = wrong
        with np.errstate(invalid="ignore"):
            columns[at] = pa.array(values.astype(field.type.to_pandas_dtype()), field.type)
    elif how in ("text", "int32", "list", "nulls"):
        kinds = {"text": pa.string(), "int32": pa.int32(), "list": pa.list_(pa.int64())}
        columns[at] = pa.array([None] * rows, kinds.get(how, field.type))
    elif how == "renamed":
        names[at] = chosen.choice(["x", "", "trial", "industry:", "industry:nobody"])
    elif how in ("gone", "twice"):
        columns[at : at + 1] = [columns[at]] * (2 * (how == "twice"))
        names[at : at + 1] = [names[at]] * (2 * (how == "twice"))
    elif how == "swapped":
        columns[at], columns[0] = columns[0], columns[at]
        names[at], names[0] = names[0], names[at]
    changed = pa.Table.from_arrays(columns, names=names) if columns else pa.table({})
    if how in ("fewer", "more", "none", "shuffled"):
        order = {
            "fewer": range(rows - 1),
            "more": [*range(rows), 0],
            "none": [],
            "shuffled": chosen.sample(range(rows), rows),
        }[how]
        changed = table.take(pa.array(order, pa.int64()))
    elif how not in ("text", "int32", "list", "nulls", "gone", "twice", "renamed", "swapped"):
        changed = changed.cast(table.schema)
    pq.write_table(changed, folder / name)
    sealed(folder)
    return f"{name}: column {at} {how}"


def many_rows(folder: Path, chosen: random.Random) -> str:
    """A small file of very many equal rows."""
    name = chosen.choice(["losses.parquet", "industries.parquet"])
    schema = pq.ParquetFile(folder / name).schema_arrow
    with pq.ParquetWriter(folder / name, schema, compression="zstd") as writer:
        part = [pa.array(np.zeros(1_000_000, f.type.to_pandas_dtype()), f.type) for f in schema]
        for _ in range(50):
            writer.write_table(pa.Table.from_arrays(part, schema=schema))
    sealed(folder)
    return f"{name}: 50,000,000 rows in {(folder / name).stat().st_size} bytes"


def other_kind(folder: Path, chosen: random.Random) -> str:
    """A pipe, a link, a folder, a socket or a device where a file should be."""
    path = folder / chosen.choice(sorted(os.listdir(folder)))
    how = chosen.choice(["FIFO", "link", "link to itself", "endless", "folder", "socket"])
    aside = folder.parent / "aside"
    path.rename(aside)
    if how == "FIFO":
        os.mkfifo(path)
    elif how == "folder":
        path.mkdir()
    elif how == "socket":
        here = os.getcwd()
        os.chdir(folder)  # a path to a socket must be short
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
        os.chdir(here)
    else:
        path.symlink_to({"link": aside, "endless": "/dev/zero"}.get(how, path))
    return f"{path.name}: {how}"


def file_list(folder: Path, chosen: random.Random) -> str:
    """Names and sizes in the manifest that lead elsewhere or promise too much."""
    place = folder / "manifest.json"
    manifest = json.loads(place.read_text("utf-8"))
    name = chosen.choice(sorted(manifest["files"]))
    about = manifest["files"][name]
    how = chosen.choice(["size", "hash", "path", "gone"])
    if how == "size":
        about["bytes"] = chosen.choice([0, 1, 2**40, 2**62, 2**70])
    elif how == "hash":
        about["sha256"] = chosen.choice(["0" * 64, "", "x" * 64, "A" * 64])
    else:
        del manifest["files"][name]
    if how == "path":
        other = chosen.choice([f"../run/{name}", f"{folder}/{name}", f"./{name}", "..", "", "\0"])
        manifest["files"][other] = about
    place.write_text(json.dumps(manifest), "utf-8")
    return f"manifest.json: {how} of {name}"


def kept_beside(folder: Path) -> Path:
    """Where the finished points of a sweep into a folder lie until all are."""
    return folder.with_name(f".{folder.name}.work")


#: what a sweep and a mitigation study are known by
_KNOWN_BY = ("sweep.json", "mitigation.json")


def reseal(kept: Path, name: str, content: bytes) -> None:
    """Put another content into a kept file, with the seal that anybody can take of it."""
    known_by = next(path for path in map(kept.joinpath, _KNOWN_BY) if path.exists())
    _, _, identity = known_by.read_bytes().partition(b"\n")
    own = b"" if name in _KNOWN_BY else hashlib.sha256(identity).hexdigest().encode()
    seal = hashlib.sha256(own + b"\n" + content).hexdigest().encode()
    (kept / name).write_bytes(seal + b"\n" + content)


def kept_field(folder: Path, chosen: random.Random) -> str:
    """Change one place of a kept point or of what a sweep is known by, and seal it again."""
    kept = kept_beside(folder)
    name = chosen.choice(sorted(set(os.listdir(kept)) - {"base-losses"}))
    content = (kept / name).read_bytes().partition(b"\n")[2].decode()
    text, done = _changed(content, chosen)
    reseal(kept, name, text.encode(errors="surrogatepass"))
    return f"{name}: {done}"


def kept_losses(folder: Path, chosen: random.Random) -> str:
    """Change one loss of the base case, or their number, and seal them again."""
    place = kept_beside(folder) / "base-losses"
    losses = np.frombuffer(place.read_bytes().partition(b"\n")[2]).copy()
    how = chosen.choice(["fewer", "more", "none", "value"])
    wrong = chosen.choice([np.nan, np.inf, -np.inf, 1e308])
    losses[chosen.randrange(len(losses))] = wrong if how == "value" else 0.0
    kept = {"fewer": losses[:-1], "more": [*losses, 0.0], "none": []}.get(how, losses)
    reseal(place.parent, place.name, np.array(kept, dtype=float).tobytes())
    return f"base-losses: {how}"


def kept_bytes(folder: Path, chosen: random.Random) -> str:
    """Flip, cut or add bytes of any kept file, whose seal then does not say so."""
    place = kept_beside(folder)
    return some_bytes(place, chosen, sealing=False)


def kept_kind(folder: Path, chosen: random.Random) -> str:
    """Anything in the place of a kept file."""
    return other_kind(kept_beside(folder), chosen)


Edits = list[tuple[Edit, int]]  #: with how often each is tried
ANY_FOLDER: Edits = [(manifest_field, 10), (some_bytes, 5), (other_kind, 3), (file_list, 2)]
EDITS: dict[str, Edits] = {  #: by what stands there
    "run": [*ANY_FOLDER, (story_field, 3), (table_cell, 5), (parquet_column, 5)],
    "tables": ANY_FOLDER,
    "kept": [(kept_field, 10), (kept_losses, 2), (kept_bytes, 3), (kept_kind, 3)],
}
