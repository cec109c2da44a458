"""Faults of materials and industries: importers, levels, sums of shares, propagation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from riskengine.errors import Fault
from riskengine.model.faults.tree import Path, Tree, members, names_of, printable, unknown
from riskengine.model.spelling import Speller

TOLERANCE: Final = 1e-9  #: of sums of shares


def material_faults(tree: Tree, speller: Speller) -> Iterator[Fault]:
    """Faults of the importers, cut levels, source shares and stock targets of materials."""
    levels = names_of(tree, "ladder")
    for name, material in members(tree, "materials").items():
        path = ("materials", name)
        yield from _importer(tree, material, path)
        for level in names_of(material, "cut"):
            if level not in levels:
                yield unknown((*path, "cut", level), level, "level", levels, speller)
        shares = {
            country: source.get("share") for country, source in members(material, "sources").items()
        }
        yield from _shares(shares, (*path, "sources"), "the shares of the sources")
        for label, tier in members(material, "stocks").items():
            yield from _building(tier, (*path, "stocks", label))


def _building(tier: Tree, path: Path) -> Iterator[Fault]:
    """A target for a stock that is not built up: it would have no effect."""
    if isinstance(tier.get("target_days"), float) and tier.get("build_rate") == 0.0:
        yield Fault(
            path=(*path, "target_days"),
            found="has no effect while build_rate is 0",
            allowed="a build_rate above 0 beside it (share of demand)",
            hint="give the pace at which the stock is built up as build_rate, or leave "
            "target_days out",
        )


def _importer(tree: Tree, member: Tree, path: Path) -> Iterator[Fault]:
    run = tree.get("run")
    is_known = "importer" in member or not isinstance(run, Mapping) or "importer" in run
    if not is_known:
        yield Fault(
            path=(*path, "importer"),
            found="is missing, and there is no run.importer",
            allowed="the country that imports, here or as run.importer for all",
        )


def _shares(shares: Mapping[str, Any], path: Path, what: str) -> Iterator[Fault]:
    numbers = [share for share in shares.values() if isinstance(share, float)]
    total = math.fsum(numbers)
    if total > 1.0 + TOLERANCE:
        yield Fault(
            path=path,
            found=f"{what} sum to {total:.12g}",
            allowed=f"a sum of at most 1 (within {TOLERANCE:g})",
        )


def industry_faults(tree: Tree, speller: Speller) -> Iterator[Fault]:
    """Faults of the importers and uses of industries."""
    materials = names_of(tree, "materials")
    uses: dict[str, dict[str, Any]] = {}
    for name, industry in members(tree, "industries").items():
        path = ("industries", name)
        yield from _importer(tree, industry, path)
        for material, use in members(industry, "uses").items():
            if material not in materials:
                at = (*path, "uses", material)
                yield unknown(at, material, "material", materials, speller)
            uses.setdefault(material, {})[name] = use.get("share")
        yield from _classes(industry, path)
    for material, shares in uses.items():
        last = next(reversed(shares))
        what = f'the shares of all uses of "{printable(material)}"'
        yield from _shares(shares, ("industries", last, "uses", material, "share"), what)


def _classes(industry: Tree, path: Path) -> Iterator[Fault]:
    """Class j of every use is the same firms: an industry has one number of classes."""
    spread = {
        material: members(use, "inventory_days").get("classes")
        for material, use in members(industry, "uses").items()
        if members(use, "inventory_days")
    }
    known = {material: count for material, count in spread.items() if isinstance(count, int)}
    first = next(iter(known.items()), None)
    for material, count in known.items():
        if first and count != first[1]:
            yield Fault(
                path=(*path, "uses", material, "inventory_days", "classes"),
                found=f'is {count}, and that of "{printable(first[0])}" is {first[1]}',
                allowed="the same classes in all uses of an industry",
                hint="class by class they are the same firms",
            )


def propagation_faults(tree: Tree, speller: Speller) -> Iterator[Fault]:
    """Faults of the matrix that passes losses on between industries."""
    rows = names_of(members(tree, "propagation"), "coefficients")
    known = names_of(tree, "industries")
    path = ("propagation", "coefficients")
    for source, row in rows.items():
        if source not in known:
            yield unknown((*path, source), source, "industry", known, speller)
        for target in row if isinstance(row, Mapping) else ():
            if target not in known:
                yield unknown((*path, source, target), target, "industry", known, speller)
    coefficients = {source: members(row) for source, row in members(rows).items()}
    if any(row for row in coefficients.values()) and not _fades(coefficients):
        yield Fault(
            path=path,
            found="losses passed on would grow without end: the spectral radius is not below 1",
            allowed="coefficients whose matrix has a spectral radius below 1",
        )


def _fades(rows: Mapping[str, Mapping[str, float]]) -> bool:
    """Whether the matrix of non-negative coefficients has a spectral radius below 1.

    Notes
    -----
    A row or column sum below 1 everywhere is enough. Otherwise (I - C) x = 1 is solved: by
    Collatz and Wielandt the radius is below 1 exactly when the solution is positive.
    """
    into: dict[str, float] = {}
    for row in rows.values():
        for target, coefficient in row.items():
            into[target] = into.get(target, 0.0) + coefficient
    if max(map(math.fsum, (row.values() for row in rows.values()))) < 1.0:
        return True
    if max(into.values()) < 1.0:
        return True
    import numpy as np

    number = {name: index for index, name in enumerate(dict.fromkeys([*rows, *into]))}
    matrix = np.eye(len(number))
    for source, row in rows.items():
        for target, coefficient in row.items():
            matrix[number[source], number[target]] -= coefficient
    try:
        solution = np.linalg.solve(matrix, np.ones(len(number)))
    except np.linalg.LinAlgError:
        return False
    return bool(np.all(solution > 0.0))
