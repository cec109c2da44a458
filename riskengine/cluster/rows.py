"""Rows of trials, compressed column by column, as a worker sends them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from riskengine.model.losses import Losses, held

_CODEC = "lz4"  #: a fifth of the bytes; takes a fifth of the time needed to play the trials


class PackedRows(NamedTuple):
    """The rows of some trials, compressed for sending."""

    first_trial: int
    trials: int
    series: tuple[bytes, ...]  #: the arrays of `Losses` in order, each stored column by column


def pack(losses: Losses) -> PackedRows:
    """Compress rows for sending."""
    import pyarrow as pa

    codec = pa.Codec(_CODEC)
    columns = (np.ascontiguousarray(getattr(losses, name).T) for name in held(losses))
    packed = tuple(codec.compress(array, asbytes=True) for array in columns)
    return PackedRows(losses.first_trial, losses.trials, packed)


def unpack(packed: PackedRows, like: Losses) -> Losses:
    """Restore the rows; scenario, seed and everything else come from `like`."""
    import pyarrow as pa

    codec = pa.Codec(_CODEC)
    found: dict[str, Any] = {}
    for name, data in zip(held(like), packed.series, strict=True):
        model = getattr(like, name)
        shape = (*model.shape[1:], packed.trials)
        size = int(np.prod(shape)) * model.dtype.itemsize
        array = np.frombuffer(codec.decompress(data, size), dtype=model.dtype)
        found[name] = array.reshape(shape).T
    return replace(like, first_trial=packed.first_trial, **found)
