"""How machine code sees a named tuple of arrays: as one pointer to the words behind it.

numba passes a tuple by value: some three hundred words in every call of a kernel, and again in
every step that reads a field. Here a named tuple is a type of its own, a pointer to words that do
not change while a kernel runs, and a field is loaded where it is read. This halves the compiler's
time and allows small kernels. The loads are marked as invariant: whatever a kernel writes into the
arrays, it need not load their addresses again.

This module needs numba, so it is imported only when something must be compiled.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from llvmlite import ir
from numba import typeof, types
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import lower_getattr_generic, models, register_model

WORD_BYTES = 8
_INDEX = ir.IntType(64)


class Fields(types.Type):
    """The type of a pointer to the words of a named tuple, for tuples like the one given."""

    def __init__(self, given: Any) -> None:
        self.kinds: dict[str, Any] = {}
        self.places: dict[str, int] = {}  #: place of the first word of each field
        words = 0
        for name, value in zip(given._fields, given, strict=True):
            self.kinds[name] = Fields(value) if isinstance(value, tuple) else typeof(value)
            self.places[name] = words
            words += count_words(value)
        # numba treats types as equal when their names are equal.
        told = repr([(name, str(kind)) for name, kind in self.kinds.items()])
        digest = hashlib.sha256(told.encode()).hexdigest()[:16]
        super().__init__(name=f"{type(given).__name__}_{digest}")


def count_words(value: Any) -> int:
    """How many words `riskengine.machine.native` lays a value out in."""
    if isinstance(value, tuple):
        return sum(map(count_words, value))
    return 5 + 2 * value.ndim if isinstance(value, np.ndarray) else 1


register_model(Fields)(models.OpaqueModel)


@infer_getattr
class _FieldTypes(AttributeTemplate):
    key = Fields

    def generic_resolve(self, owner: Fields, name: str) -> Any:  # type: ignore[override]
        return owner.kinds.get(name)


@lower_getattr_generic(Fields)  # type: ignore[untyped-decorator]
def _read_field(context: Any, builder: Any, owner: Fields, pointer: Any, name: str) -> Any:
    """A number or an array is loaded; a tuple within the tuple is a pointer to its own words."""
    kind, place = owner.kinds[name], owner.places[name]
    if isinstance(kind, Fields):
        return _at(builder, pointer, place)
    value, _ = _load(builder, pointer, place, context.get_value_type(kind))
    return value


def _at(builder: Any, pointer: Any, place: int) -> Any:
    return builder.gep(pointer, [_INDEX(place * WORD_BYTES)], inbounds=True)


def _load(builder: Any, pointer: Any, place: int, kind: Any) -> tuple[Any, int]:
    """The value that begins at a word, and the place after it.

    Each word is loaded on its own: the compiler drops the mark of a load that it has to split.
    """
    if not isinstance(kind, ir.Aggregate):
        word = builder.load(builder.bitcast(_at(builder, pointer, place), kind.as_pointer()))
        word.set_metadata("invariant.load", builder.module.add_metadata([]))
        return word, place + 1
    value = kind(ir.Undefined)
    for i in range(len(kind)):
        part, place = _load(builder, pointer, place, _part(kind, i))
        value = builder.insert_value(value, part, i)
    return value, place


def _part(kind: Any, i: int) -> Any:
    return kind.element if isinstance(kind, ir.ArrayType) else kind.elements[i]
