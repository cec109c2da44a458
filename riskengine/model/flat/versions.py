"""Several versions of a scenario as one model: what they share is played once.

Versions that share all disputes have the same paths in every trial. Their materials, uses and
industries are compared place by place: equal ones become one entity, and a different one is added
as a further entity with the same streams. A version is then a list of entities, and an entity is
played once in a trial, however many versions have it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel.arrays import (
    ALTERNATIVE,
    INDUSTRY,
    MATERIAL,
    SOURCE,
    TIER,
    TOTALS,
    USE,
    Model,
    Places,
    Records,
    Versions,
)
from riskengine.kernel.workspace import records
from riskengine.model.flat.arrays import fields_of, joined, without
from riskengine.model.flat.pools import Markets, lay_out_markets, pools_of

#: tables whose rows belong to one material: prefix of its bounds, type
_OWNED = {
    "sources": ("source", SOURCE),
    "alternatives": ("alternative", ALTERNATIVE),
    "tiers": ("tier", TIER),
}
_NEEDS = ("inventory", "cut_before", "group")  #: of a use: what its shortage depends on
#: what versions of one model must have in common, besides the names of materials and industries
_SHARED = (
    "horizon",
    "correlation",
    "disputes",
    "pairs",
    "triggers",
    "entry",
    "cut",
    "sojourn",
    "next",
    "boycott",
    "material_pairs",
    "points",
    "tilt",
    "weight",
)
_SHARED_BY_MATERIAL = ("pair_first", "pair_end", "importer", "reroute_point", "reroute_key")


def one_version(materials: int, industries: int, uses: int, pools: Sequence[int]) -> Versions:
    """The versions of a model with a single one: every entity but pools is at its own place.

    `pools` has the place of each pool; they are grouped by market.
    """
    return Versions(
        materials=_numbers(materials)[np.newaxis],
        industries=_numbers(industries)[np.newaxis],
        pools=_places(np.argsort(pools).tolist())[np.newaxis],
        spread=_numbers(1),
        material_place=_numbers(materials),
        industry_place=_numbers(industries),
        like=_numbers(uses),
        detail=TOTALS,
    )


def shared_part(model: Model) -> bytes:
    """What versions that are played together have in common: equal bytes, equal paths.

    The models must have been laid out with the same shelf of distributions, and belong to
    scenarios with the same names of materials, industries and pools.
    """
    fields = [getattr(model, name) for name in _SHARED]
    fields += [model.materials[name] for name in _SHARED_BY_MATERIAL]
    fields.append(np.array([model.materials.size, model.industries.size, model.pools.size]))
    return b"".join(_bytes(field) for field in fields)


def compose(models: Sequence[Model], *, detail: float) -> Model:
    """One model of several versions.

    Parameters
    ----------
    models : sequence of Model
        With equal `shared_part`, in the order of the versions. The last has the distributions of
        all.
    detail : float
        Which changes are noted: `TOTALS` (of the total loss alone), `LOSSES` (of industries and
        materials, too) or `ALL_SERIES`.

    Returns
    -------
    Model
        Its rows are those of the first version.
    """
    return compose_parts([parts_of(model) for model in models], models[-1], detail=detail)


class MaterialPart(NamedTuple):
    """Materials with equal parts have equal supply wherever they have equal paths."""

    place: int
    record: bytes
    parts: tuple[bytes, ...]  #: sources, alternatives and tiers
    market: tuple[bytes, ...] = ()  #: what its pools depend on, where it has any
    pools: tuple[int, ...] = ()  #: places of the pools that its alternatives name


class PoolPart(NamedTuple):
    """Pools with equal parts and equal buyers always grant the same."""

    place: int
    record: bytes


class UsePart(NamedTuple):
    """A use by a class of firms: those with equal parts of equal materials have equal impacts.

    No two classes of an industry have equal parts, because the kernel moves them one by one.
    """

    place: tuple[int, int, int]  #: of the material, the industry and the class
    needs: bytes  #: what the shortage depends on, besides the material's
    record: bytes


class IndustryPart(NamedTuple):
    """Industries with equal parts and equal uses always have equal losses."""

    place: int
    record: bytes
    uses: tuple[int, ...]  #: places in the list of uses


_Part = TypeVar("_Part", MaterialPart, UsePart, IndustryPart, PoolPart)


class PlacedPart(NamedTuple, Generic[_Part]):
    """A part of a version, and where it is laid out."""

    part: _Part
    model: Model
    row: int


class VersionParts(NamedTuple):
    """What a version is made of; parts of different models can be put together.

    The models must have equal `shared_part` and have been laid out with one shelf.
    """

    materials: list[PlacedPart[MaterialPart]]
    uses: list[PlacedPart[UsePart]]  #: in the order of the materials
    industries: list[PlacedPart[IndustryPart]]
    pools: list[PlacedPart[PoolPart]]
    spread: bytes


def parts_of(model: Model) -> VersionParts:
    """The parts of a model of one version."""
    return VersionParts(
        [PlacedPart(part, model, row) for row, part in enumerate(_materials(model))],
        [PlacedPart(part, model, row) for row, part in enumerate(_uses(model))],
        [PlacedPart(part, model, row) for row, part in enumerate(_industries(model))],
        _pools(model),
        model.spread.tobytes(),
    )


def compose_parts(versions: Sequence[VersionParts], newest: Model, *, detail: float) -> Model:
    """One model of several versions, from their parts.

    Parameters
    ----------
    versions : sequence of VersionParts
    newest : Model
        With the paths of the versions, and the distributions of all.
    detail : float
        As for `compose`.
    """
    materials: _Entities[_Material] = _Entities()
    markets = Markets()
    uses: _Entities[_Use] = _Entities()
    industries: _Entities[_Industry] = _Entities()
    material_of, industry_of, markets_of = [], [], []
    for version in versions:
        numbers, of_material = markets.enter(
            [(part, model.pools[row : row + 1]) for part, model, row in version.pools],
            [(part.pools, part.market) for part, _, _ in version.materials],
        )
        own = [
            materials.enter(_Material(of_material[part.place], part), model, row)
            for part, model, row in version.materials
        ]
        markets.place(numbers, own)
        markets_of.append(numbers)
        its = [
            uses.enter(_Use(own[part.place[0]], *part), model, row)
            for part, model, row in version.uses
        ]
        material_of.append(own)
        industry_of.append(
            [
                industries.enter(
                    _Industry(part.place, part.record, tuple(its[use] for use in part.uses)),
                    model,
                    row,
                )
                for part, model, row in version.industries
            ]
        )
    # Uses are grouped by material. Those of the first version come first in their group.
    order = sorted(range(len(uses.keys)), key=lambda use: uses.keys[use].material)
    position = np.argsort(order)
    spreads = list(dict.fromkeys(version.spread for version in versions))
    shape = newest.spread.shape[1:]
    supply = _lay_out_materials(materials, [uses.keys[use].material for use in order])
    supply["alternatives"]["granted_to"] = _grants(materials, markets, supply["materials"])
    laid_out: dict[str, Any] = dict(
        **supply,
        **lay_out_markets(markets.placed, supply["materials"], supply["alternatives"]),
        **_lay_out_industries(industries, position),
        uses=_lay_out_uses(uses, order),
        spread=np.array([np.frombuffer(spread).reshape(shape) for spread in spreads]),
        versions=Versions(
            materials=_places(material_of),
            industries=_places(industry_of),
            pools=markets.rows(markets_of),
            spread=_places([spreads.index(version.spread) for version in versions]),
            material_place=_places([key.part.place for key in materials.keys]),
            industry_place=_places([key.place for key in industries.keys]),
            like=_places([position[use] for use in _alike(uses.keys, order)]),
            detail=detail,
        ),
    )
    return newest._replace(**laid_out)


class _Material(NamedTuple):
    """A `MaterialPart` in a market."""

    market: int  #: number of the market, -1 for none
    part: MaterialPart


class _Use(NamedTuple):
    """A `UsePart` of a material."""

    material: int  #: number of the entity
    place: tuple[int, int, int]
    needs: bytes
    record: bytes


class _Industry(NamedTuple):
    """An `IndustryPart` with its uses."""

    place: int
    record: bytes
    uses: tuple[int, ...]  #: numbers of the entities


_Key = TypeVar("_Key", _Material, _Use, _Industry)


class _Entities(Generic[_Key]):
    """Different entities, numbered in order of appearance."""

    def __init__(self) -> None:
        self.keys: list[_Key] = []
        self.origins: list[tuple[Model, int]] = []  #: model in which each appeared, and its row
        self._numbers: dict[_Key, int] = {}

    def enter(self, key: _Key, model: Model, row: int) -> int:
        """The number of an entity that is laid out in a row of a model."""
        number = self._numbers.setdefault(key, len(self.keys))
        if number == len(self.keys):
            self.keys.append(key)
            self.origins.append((model, row))
        return number


def _grants(materials: _Entities[_Material], markets: Markets, own: Records) -> NDArray[np.int64]:
    """For each alternative, the one whose grants it has: that of the market's material."""
    found = np.arange(int(own["alternative_end"].max(initial=0)))
    for number, key in enumerate(materials.keys):
        if key.market >= 0:
            slots = markets.placed[key.market].materials
            owner = next(m for m in slots if materials.keys[m].part.place == key.part.place)
            start, end = own[number].alternative_first, own[number].alternative_end
            found[start:end] = own[owner].alternative_first + np.arange(end - start)
    return found


def _materials(model: Model) -> Iterator[MaterialPart]:
    bounds = [name for name in fields_of(model.materials) if name.endswith(("_first", "_end"))]
    own = without(model.materials, *bounds)
    alike = model._replace(alternatives=without(model.alternatives, "granted_to"))
    for place in range(own.size):
        parts = {name: part.tobytes() for name, part in _parts(alike, place).items()}
        pools = tuple(pools_of(model.materials[place], model.alternatives))
        asks = (own[place].demand.tobytes(), parts["sources"], parts["alternatives"])
        market = asks if pools else ()
        yield MaterialPart(place, own[place].tobytes(), tuple(parts.values()), market, pools)


def _pools(model: Model) -> list[PlacedPart[PoolPart]]:
    """The pools in the order of their places."""
    own = without(model.pools, "buyer_first", "buyer_end")
    return [
        PlacedPart(PoolPart(place, own[row].tobytes()), model, row)
        for place, row in enumerate(model.versions.pools[0].tolist())
    ]


def _uses(model: Model) -> Iterator[UsePart]:
    own = without(model.uses, "material", "industry")
    places = zip(model.uses["material"].tolist(), model.uses["industry"].tolist(), strict=True)
    firms: Counter[tuple[int, int]] = Counter()
    for row, (material, industry) in enumerate(places):
        needs = b"".join(own[row][name].tobytes() for name in _NEEDS)
        place = (material, industry, firms[material, industry])
        firms[material, industry] += 1
        yield UsePart(place, needs, own[row].tobytes())


def _industries(model: Model) -> Iterator[IndustryPart]:
    own = without(model.industries, "use_first", "use_end")
    for place, industry in enumerate(model.industries):
        rows = model.industry_uses[industry.use_first : industry.use_end].tolist()
        yield IndustryPart(place, own[place].tobytes(), tuple(rows))


def _parts(model: Model, place: int) -> dict[str, Records]:
    """The sources, alternatives and tiers of a material."""
    owner = model.materials[place]
    return {
        table: getattr(model, table)[owner[f"{prefix}_first"] : owner[f"{prefix}_end"]]
        for table, (prefix, _) in _OWNED.items()
    }


def _lay_out_materials(
    materials: _Entities[_Material], of_uses: Sequence[int]
) -> dict[str, Records]:
    """Materials with their parts; `of_uses` has the material of each use, ascending."""
    own = records(MATERIAL, len(materials.keys))
    found: dict[str, list[Records]] = {table: [] for table in _OWNED}
    ends = dict.fromkeys(_OWNED, 0)
    for number, (model, place) in enumerate(materials.origins):
        own[number] = model.materials[place]
        for table, part in _parts(model, place).items():
            prefix, _ = _OWNED[table]
            found[table].append(part)
            own[number][f"{prefix}_first"] = ends[table]
            ends[table] += part.size
            own[number][f"{prefix}_end"] = ends[table]
    own["use_first"] = np.searchsorted(of_uses, np.arange(own.size), side="left")
    own["use_end"] = np.searchsorted(of_uses, np.arange(own.size), side="right")
    owned = {table: joined(found[table], dtype) for table, (_, dtype) in _OWNED.items()}
    return {"materials": own, **owned}


def _lay_out_uses(uses: _Entities[_Use], order: Sequence[int]) -> Records:
    own = records(USE, len(order))
    for position, number in enumerate(order):
        model, row = uses.origins[number]
        own[position] = model.uses[row]
        own[position].material = uses.keys[number].material
    return own


def _lay_out_industries(
    industries: _Entities[_Industry], position: NDArray[np.int64]
) -> dict[str, Any]:
    own = records(INDUSTRY, len(industries.keys))
    rows: list[int] = []
    for number, (model, place) in enumerate(industries.origins):
        own[number] = model.industries[place]
        own[number].use_first = len(rows)
        rows += position[list(industries.keys[number].uses)].tolist()
        own[number].use_end = len(rows)
    return {"industries": own, "industry_uses": _places(rows)}


def _alike(uses: Sequence[_Use], order: Sequence[int]) -> list[int]:
    """For each use, in order: the first one at its place with its needs, of the first version's
    material; the use itself if there is none."""
    first: dict[tuple[Any, ...], int] = {}
    for number in order:
        use = uses[number]
        if use.material == use.place[0]:
            first.setdefault((use.place, use.needs), number)
    return [first.get((uses[number].place, uses[number].needs), number) for number in order]


def _numbers(count: int) -> Places:
    return np.arange(count, dtype=np.uint64)


def _places(numbers: Sequence[Any]) -> Places:
    return np.array(numbers, dtype=np.uint64)


def _bytes(value: Any) -> bytes:
    if isinstance(value, tuple):
        return b"".join(map(_bytes, value))
    return np.ascontiguousarray(value).tobytes()
