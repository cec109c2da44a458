"""Rows of trials on their way from a worker: column by column, compressed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from riskengine.model.losses import Losses, held

_CODEC = "lz4"  #: a fifth of the bytes, for a fifth of the time that playing the trials takes


class PackedRows(NamedTuple):
    """The rows of some trials, small enough to be sent."""

    first_trial: int
    trials: int
    series: tuple[bytes, ...]  #: those of `Losses`, in their order, each column by column


def pack(losses: Losses) -> PackedRows:
    """Rows made ready to be sent."""
    import pyarrow as pa

    codec = pa.Codec(_CODEC)
    columns = (np.ascontiguousarray(getattr(losses, name).T) for name in held(losses))
    packed = tuple(codec.compress(array, asbytes=True) for array in columns)
    return PackedRows(losses.first_trial, losses.trials, packed)


def unpack(packed: PackedRows, like: Losses) -> Losses:
    """The rows again; scenario, seed and everything else is that of `like`."""
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
