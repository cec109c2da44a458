"""The JSON Schema of a config: from it, editors complete keys, explain them and underline mistakes.

It is made from the registry of keys. What no JSON Schema can say (sums, names that are referred to,
what a file that is extended brings) is left to `riskengine check`. So a key that another file may
bring is required only in a config that names no other file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from riskengine.config.schema.check import default_of
from riskengine.config.schema.distributions import EMPIRICAL, EMPIRICAL_FORMS, NAMES
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import (
    ANNOTATIONS,
    KNOWN_ON,
    Anything,
    Day,
    Flag,
    Free,
    Integer,
    KeyedTable,
    Map,
    NameList,
    Node,
    Number,
    NumberOrTable,
    Rising,
    Shorthand,
    Spread,
    Text,
    allowed,
)
from riskengine.config.schema.sweep import MOST_POINTS
from riskengine.config.sources.names import LONGEST_NAME, LONGEST_TEXT
from riskengine.config.sweeps.reading import SETTINGS
from riskengine.model.families import FAMILIES

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_OTHER_FILES = ("extends", "parts", "tables")  #: keys of a config that other files complete
_REST = ("materials", "industries")  #: what only a whole config has, and no fragment
_DISTRIBUTION, _COMPLETE = "distribution", "complete-distribution"
_NOTES = {
    "note": "Free text, shown in reports.",
    "source": "Where the values come from.",
    "status": "How sure the values are: sourced, derived, assumption or borrowed.",
    KNOWN_ON: "The day from which the values were known, for back-tests.",
}
_EMPIRICAL_WORDS = "One of the values, with equal or given weights."


def config_schema() -> Schema:
    """The JSON Schema of a config, draft 2020-12.

    Notes
    -----
    Dates of TOML are texts to it, as editors pass them on.
    """
    needed = _needed(SCHEMA) or {}
    top = _of(SCHEMA)
    bought = top["properties"]["mitigation"]
    switched = {"const": False, "description": "Switches off that of the config it extends."}
    top["properties"]["mitigation"] = {"anyOf": [bought, switched]}
    whole = {"required": [*_REST], "not": {"anyOf": [{"required": [k]} for k in _OTHER_FILES]}}
    return {
        "$schema": DIALECT,
        "title": "A config of riskengine",
        "description": "One scenario: ladder, disputes, materials, industries.",
        **top,
        "if": whole,
        "then": {**needed, "required": ["ladder", "disputes"]},
        "$defs": {
            _DISTRIBUTION: _distribution(),
            _COMPLETE: _complete(),
            **{f"family-{name}": _family(name) for name in NAMES},
        },
    }


def _of(node: Node) -> Schema:
    """The schema of a value, with its description and default."""
    schema = _KINDS[type(node)](node)
    words = description(node)
    default = default_of(node)
    if words:
        schema["description"] = words
    if default is not None and not isinstance(default, Mapping):
        schema["default"] = list(default) if isinstance(default, tuple) else default
    return schema


def description(node: Node) -> str:
    """What a key means, what it allows and what it is without a value, in sentences.

    >>> description(Number(meaning="normal spend", unit="money per year", default=0.0))
    'Normal spend. A number of at least 0 (money per year). Default: 0.'
    """
    if isinstance(node, Free | Anything) or (
        isinstance(node, KeyedTable | Map) and not isinstance(node, Shorthand | NumberOrTable)
    ):
        return _sentence(node.meaning)
    default = getattr(node, "default", None)
    has_default = default is not None and default is not False and default != ""
    shown = f"Default: {_shown(default)}." if has_default else ""
    asked = "Required." if node.required else ""
    if node.beside:
        shown, asked = "", f"Required; beside {node.beside}, the default is {_shown(default)}."
    parts = (_sentence(node.meaning), _sentence(allowed(node)), shown, asked)
    return " ".join(part for part in parts if part)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _shown(default: Any) -> str:
    if isinstance(default, tuple):
        return ", ".join(map(_shown, default))
    return f"{default:,.15g}" if isinstance(default, float) else str(default)


def _table(node: KeyedTable) -> Schema:
    notes = {key: _note(key) for key in node.annotations}
    keys = {key: _of(child) for key, child in node.keys.items()}
    return {"type": "object", "properties": {**keys, **notes}, "additionalProperties": False}


def _note(key: str) -> Schema:
    kind = {"format": "date"} if key == KNOWN_ON else {"maxLength": LONGEST_TEXT}
    return {"type": "string", **kind, "description": _NOTES[key]}


def _map(node: Map) -> Schema:
    """A collection; under the name of a note it has a note, or a member of that name."""
    notes = {key: {"description": _NOTES[key]} for key in ANNOTATIONS}
    return {"type": "object", "properties": notes, "additionalProperties": _of(node.of)}


def _shorthand(node: Shorthand) -> Schema:
    return {"anyOf": [_of(node.keys[node.first]), _table(node)]}


def _number_or_table(node: NumberOrTable) -> Schema:
    return {"anyOf": [_of(node.number), _table(node)]}


def _text(node: Text) -> Schema:
    if node.choices:
        return {"type": "string", "enum": list(node.choices)}
    if node.free:
        return {"type": "string", "maxLength": LONGEST_TEXT}
    return {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}


def _flag(_: Flag) -> Schema:
    return {"type": "boolean"}


def _day(_: Day) -> Schema:
    return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def _names(_: NameList) -> Schema:
    name = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
    return {"type": "array", "items": name, "minItems": 1, "uniqueItems": True}


def _number(node: Number) -> Schema:
    return {"type": "number", **_range(node.low, node.high, low_open=node.low_open)}


def _integer(node: Integer) -> Schema:
    return {"type": "integer", "minimum": node.low, "maximum": node.high}


def _range(low: float, high: float, *, low_open: bool = False) -> Schema:
    found: Schema = {}
    if low > -math.inf:
        found["exclusiveMinimum" if low_open else "minimum"] = low
    if high < math.inf:
        found["maximum"] = high
    return found


def _rising(node: Rising) -> Schema:
    inside = {"exclusiveMinimum": 0, "exclusiveMaximum": 1} if node.is_share else {"minimum": 0}
    items = {"type": "number", **inside}
    numbers = {"type": "array", "items": items, "minItems": 1, "maxItems": node.most}
    if not node.or_range:
        return numbers
    ends = {"low": items, "high": items, "count": _integer(Integer(low=2, high=node.most))}
    return {"anyOf": [numbers, _closed(ends, required=ends)]}


def _closed(properties: Mapping[str, Any], required: Iterable[str] = ()) -> Schema:
    asked = {"required": list(required)} if required else {}
    return {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
        **asked,
    }


def _spread(node: Spread) -> Schema:
    high = min(node.high, node.number_high)
    number = {"type": "number", **_range(node.low, high, low_open=node.positive)}
    return {"anyOf": [number, {"$ref": f"#/$defs/{_DISTRIBUTION}"}]}


def _distribution() -> Schema:
    """A table with one family; a file that extends another may give a part of it."""
    families = {name: {"$ref": f"#/$defs/family-{name}"} for name in NAMES}
    bounds = {
        "min": {"type": "number", "description": "Condition on values of at least this."},
        "max": {"type": "number", "description": "Condition on values of at most this."},
    }
    notes = {key: _note(key) for key in ANNOTATIONS}
    asked = [{"required": [name]} for name in NAMES]
    return {
        **_closed({**families, **bounds, **notes}),
        "description": "A distribution: one family, and min or max to bound it.",
        "oneOf": [*asked, {"not": {"anyOf": asked}, "minProperties": 1}],
    }


def _family(name: str) -> Schema:
    """The parameters of a family: some of those of one of its forms."""
    words = _EMPIRICAL_WORDS if name == EMPIRICAL else ""
    if name == EMPIRICAL:
        numbers = {"type": "array", "items": {"type": "number"}, "minItems": 1}
        text = {"type": "string", "minLength": 1}
        parameters: Schema = dict.fromkeys(("values", "weights"), numbers)
        parameters |= dict.fromkeys(("file", "column"), text)
    else:
        limits = FAMILIES[name].limits
        parameters = {
            key: {"type": "number", **_range(low, math.inf, low_open=not closed)}
            for key, (low, closed) in limits.items()
        }
    forms = _forms(name)
    listed = " or ".join(", ".join(form) for form in forms)
    choices = [{"propertyNames": {"enum": list(form)}} for form in forms]
    return {
        **_closed(parameters),
        "minProperties": 1,
        "anyOf": choices,
        "description": f"{words} Parameters: {listed}.".strip(),
    }


def _forms(name: str) -> tuple[tuple[str, ...], ...]:
    return EMPIRICAL_FORMS if name == EMPIRICAL else tuple(FAMILIES[name].forms)


def _complete() -> Schema:
    """What a distribution needs where no other file can bring the rest."""
    forms = {name: {"anyOf": [{"required": list(form)} for form in _forms(name)]} for name in NAMES}
    return {
        "if": {"type": "object"},
        "then": {
            "properties": forms,
            "anyOf": [{"required": [name]} for name in NAMES],
        },
    }


def _free(node: Free) -> Schema:
    """The table of a sweep, or its parameters: paths whose values are of many kinds."""
    if node.whole:
        return _table(SETTINGS)
    end = {"type": "number"}
    count = {"type": "integer", "minimum": 2, "maximum": MOST_POINTS}
    values = [
        {"type": "array", "minItems": 1},
        _closed({"low": end, "high": end, "count": count}, required=("low", "high")),
        {"$ref": f"#/$defs/{_DISTRIBUTION}"},
    ]
    words = (
        'A path such as "materials.gallium.stocks.public.days", or several joined by commas: a '
        "list of values, a range with low, high and count, or a distribution."
    )
    return {"type": "object", "additionalProperties": {"anyOf": values, "description": words}}


def _anything(_: Anything) -> Schema:
    return {}


_KINDS: Mapping[type[Node], Callable[[Any], Schema]] = {
    KeyedTable: _table,
    Map: _map,
    Shorthand: _shorthand,
    NumberOrTable: _number_or_table,
    Anything: _anything,
    Free: _free,
    Text: _text,
    Flag: _flag,
    Day: _day,
    NameList: _names,
    Number: _number,
    Rising: _rising,
    Integer: _integer,
    Spread: _spread,
}


def _needed(node: Node) -> Schema | None:
    """What must be there where no other file can bring it; None for nothing."""
    if isinstance(node, Shorthand):
        return None
    if isinstance(node, Spread):
        return {"$ref": f"#/$defs/{_COMPLETE}"}
    if isinstance(node, Map):
        below = _needed(node.of)
        if below is None:
            return None
        members = {"if": {"type": "object"}, "then": below}
        return {"additionalProperties": members}
    if not isinstance(node, KeyedTable):
        return None
    keys = {key: found for key, child in node.keys.items() if (found := _needed(child))}
    required = [key for key, child in node.keys.items() if child.required and not child.beside]
    if not keys and not required:
        return None
    return {"properties": keys, **({"required": required} if required else {})}
