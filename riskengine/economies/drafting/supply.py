"""Materials and their sources: by trade where a code tells them, else borrowed from the case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from riskengine.economies import names
from riskengine.economies.drafting.demand import Scale
from riskengine.economies.drafting.moving import MovingShare, moving_cut, moving_share
from riskengine.economies.drafting.request import BORROWED, DERIVED, DraftRequest
from riskengine.economies.drafting.stand_ins import LIKE_ANY, NO_CODE, StandIn, stand_ins_of
from riskengine.economies.drafting.wording import Remark, Row, listed, short
from riskengine.economies.tables import TRADE_SOURCE
from riskengine.errors import UsageFault
from riskengine.model.spelling import Speller, legible

LEAST_SHARE = 0.00005  #: a source below it would be written as 0
_CUT = "cut."


@dataclass(frozen=True, kw_only=True)
class Supply:
    """Materials of a draft and where they come from."""

    materials: list[Row] = field(default_factory=list)
    sources: list[Row] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Of the materials."""
        return [row["material"] for row in self.materials]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Imports of one material, by trade data."""

    material: str
    stand_in: StandIn
    rows: list[dict[str, Any]]
    total: dict[str, Any]

    @property
    def by_weight(self) -> bool:
        """Whether the tables have weights: values stand in for them where they do not."""
        return self.total["tonnes_per_year"] is not None

    def share(self, row: dict[str, Any]) -> float:
        """The share of an exporter, by weight if there are weights."""
        return (row["share_of_tonnes"] if self.by_weight else row["share_of_value"]) or 0.0


def supplied(request: DraftRequest, scale: Scale) -> Supply:
    """Materials and sources of a draft.

    Raises
    ------
    UsageFault
        If a material is not known or not imported, or the coercer sells none of them.
    """
    case_rows = {row["material"]: row for row in request.case.rows("materials")}
    wanted = list(case_rows) if request.materials is None else list(request.materials)
    flows = {name: flow_of(request, name) for name in wanted}
    _refuse_unknown(request, wanted, list(case_rows))
    made, left, untold = Supply(), dict[str, str](), dict[str, str]()
    borrowed = request.case.rows("sources")
    for name in wanted:
        flow = flows[name]
        if flow is not None:
            part = _derived(request, flow, case_rows, scale)
        elif _is_told(request, name):
            left[name] = "the trade tables have no imports of it"
            continue
        else:
            part = _borrowed(request, case_rows[name], borrowed, scale)
        if not any(row["country"] == request.coercer.name for row in part.sources):
            left[name] = f"none of it comes from {request.coercer.name}"
            continue
        made.materials.extend(part.materials)
        made.sources.extend(part.sources)
        made.remarks.extend(part.remarks)
        if flow is None:
            untold[name] = NO_CODE.get(name, "the trade tables do not have it")
    if request.materials is not None and left and made.materials:
        reasons = "; ".join(f"{name}: {why}" for name, why in left.items())
        raise UsageFault(f"not every material of --materials can be cut off: {reasons}.")
    if not made.materials:
        raise UsageFault(_nothing_sold(request, wanted))
    if untold:
        made.remarks.append(_not_told(request, untold))
    if left:
        made.remarks.append(_left_out(left))
    return made


def flow_of(request: DraftRequest, material: str) -> Flow | None:
    """The imports of a material by trade data; None if the tables have none."""
    for stand_in in stand_ins_of(material):
        if stand_in.commodity in request.totals and request.shares.get(stand_in.commodity):
            return Flow(
                material=material,
                stand_in=stand_in,
                rows=request.shares[stand_in.commodity],
                total=request.totals[stand_in.commodity],
            )
    return None


def _is_told(request: DraftRequest, material: str) -> bool:
    """Whether the trade tables would show imports of a material if there were any."""
    return any(each.commodity in request.trade.codes for each in stand_ins_of(material))


def _refuse_unknown(request: DraftRequest, wanted: list[str], known: list[str]) -> None:
    names_known = [*known, *(name for name in request.trade.codes if name not in known)]
    wrong = [name for name in wanted if name not in names_known]
    if not wrong:
        return
    hint = Speller().suggest(wrong[0], names_known)
    raise UsageFault(
        f'--materials: there is no material "{legible(wrong[0][:100])}".'
        + (f" D{hint[1:]}" if hint else "")
        + f" There are: {', '.join(names_known)}."
    )


def _derived(request: DraftRequest, flow: Flow, case_rows: dict[str, Row], scale: Scale) -> Supply:
    row = case_rows.get(flow.material)
    is_ours = row is not None
    borrowed = dict(row or case_rows[LIKE_ANY])
    moved = moving_share(request, flow.stand_in.commodity)
    spend = flow.total["usd_million_per_year"]
    usable = scale.has_money
    values = {"material": flow.material, "spend_per_year": short(spend) if usable else ""}
    if moved is not None:
        cuts = {key: borrowed[key] for key in borrowed if key.startswith(_CUT)}
        values |= {key: moving_cut(text, moved) for key, text in cuts.items() if text}
    paid = f"USD {short(spend)} million a year of imports by value, {_basis(request, flow)}."
    note = f"spend_per_year: derived, {paid}" if usable else f"Imports: {paid}"
    if moved is not None:
        note += f" {moved.of_cuts}"
    kept = {**borrowed, "note": _without_spend(borrowed["note"])}
    if not is_ours:
        kept["note"] = f"no row of the case: that of {LIKE_ANY}, without price. {kept['note']}"
        values |= {"price_elasticity": "", "price_cap": ""}
    made = request.taken({**kept, **values}, note)
    made["source"] = " | ".join(dict.fromkeys([TRADE_SOURCE, *made["source"].split(" | ")]))
    if not is_ours:
        made["status"] = BORROWED
    remarks = []
    if flow.stand_in.caveat:
        remarks.append(
            Remark(
                f"{flow.material}: sources and spend are those of {flow.stand_in.commodity}. "
                f"{flow.stand_in.caveat}",
                f"the shares of your own suppliers, in the rows of {flow.material} in sources.csv",
            )
        )
    if moved is not None:
        remarks.append(moved.remark(request, flow.material))
    if flow.total["quality"] != "ok":
        remarks.append(
            Remark(
                f"{flow.material}: the trade figures are marked {flow.total['quality']}",
                "customs data of more years, or your own purchases",
            )
        )
    sources = list(_source_rows(request, flow, moved))
    return Supply(materials=[made], sources=sources, remarks=remarks)


def _source_rows(request: DraftRequest, flow: Flow, moved: MovingShare | None) -> Iterator[Row]:
    """Sources by trade; where the coercer's share moved it is that of its highest year."""
    given = {row["exporter"]: flow.share(row) for row in flow.rows}
    given.pop(request.importer.code, None)
    coercer = request.coercer.code
    scale = 1.0
    if moved is not None:
        others = sum(share for code, share in given.items() if code != coercer)
        scale = min(1.0, (1 - moved.highest) / others) if others > 0 else 1.0
    sums = sum(given.values())
    shrink = 1 / sums if sums > 1 else 1.0  # shares are rounded to four digits
    contents = _boycott_cuts(request, flow.material)
    for row in flow.rows:
        code = row["exporter"]
        if code not in given:
            continue
        share = moved.highest if moved and code == coercer else given[code] * scale * shrink
        if share < LEAST_SHARE:
            continue
        share = int(share * 10_000) / 10_000  # down: the sum must not exceed 1
        country = names.country_name(code)
        cut = contents.get(country) if request.by_china else None
        note = _share_note(request, flow, row, is_moved=moved is not None)
        if cut:
            note += f" boycott_cut: from {request.case.shipped}, a guess at Chinese content."
        yield request.told(
            {
                "material": flow.material,
                "country": country,
                "share": short(max(share, 0.0001)),
                "boycott_cut": cut or "",
            },
            DERIVED if not cut else "assumption" if request.is_own else BORROWED,
            TRADE_SOURCE,
            note,
        )


def _share_note(request: DraftRequest, flow: Flow, row: dict[str, Any], *, is_moved: bool) -> str:
    by = "weight" if flow.by_weight else "value (no weight is given)"
    told = f"Share of imports by {by}, {_basis(request, flow)}"
    if is_moved:
        told += f", {short(flow.share(row))}, set beside the highest year of the coercer"
    if flow.by_weight:
        told += f"; {_years(request, flow, row)}; by value {short(row['share_of_value'])}"
    return f"{told}."


def _years(request: DraftRequest, flow: Flow, row: dict[str, Any]) -> str:
    """The shares of single years as far as the tables have them."""
    known = request.yearly.get((flow.stand_in.commodity, row["exporter"]), {})
    return ", ".join(f"{year}: {short(round(share, 4))}" for year, share in sorted(known.items()))


def _basis(request: DraftRequest, flow: Flow) -> str:
    codes = request.trade.codes.get(flow.stand_in.commodity, ())
    return f"mean of {request.trade.span}, {flow.stand_in.commodity} ({listed(codes)})"


def _boycott_cuts(request: DraftRequest, material: str) -> dict[str, str]:
    rows = request.case.rows("sources")
    return {r["country"]: r["boycott_cut"] for r in rows if r["material"] == material}


def _borrowed(request: DraftRequest, row: Row, sources: list[Row], scale: Scale) -> Supply:
    """A material that trade data cannot tell, with the sources of the case."""
    material = row["material"]
    spend = scale.spend(float(row["spend_per_year"] or 0), material)
    note = f"spend_per_year: that of the case{scale.words}." if spend else ""
    if not request.is_own:
        row = {**row, "spend_per_year": short(spend) if spend else ""}
    own = [
        request.taken(each if request.by_china else {**each, "boycott_cut": ""})
        for each in sources
        if each["material"] == material and not request.is_home(each["country"])
    ]
    made = request.taken(row, "" if request.is_own else note)
    return Supply(materials=[made], sources=own)


def _without_spend(note: str) -> str:
    """A note of the case from where it speaks of the coverage: its spend is replaced."""
    place = note.find("coverage ")
    return note[place:] if place > 0 else note


def _not_told(request: DraftRequest, untold: dict[str, str]) -> Remark:
    return Remark(
        f"sources of materials that the trade tables do not tell are those of "
        f"{request.case.shipped}: {_with_reasons(untold)}",
        "national customs data of eight or ten digits, in the rows of each in sources.csv",
    )


def _left_out(left: dict[str, str]) -> Remark:
    told = _with_reasons(left)
    return Remark(f"left out: {told}", "rows in materials.csv and sources.csv, if you buy it")


def _with_reasons(reasons: dict[str, str]) -> str:
    """Names with their reasons; those that share one stand together."""
    found: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        found.setdefault(reason, []).append(name)
    return "; ".join(f"{listed(many)} ({reason})" for reason, many in found.items())


def _nothing_sold(request: DraftRequest, wanted: list[str]) -> str:
    importer, coercer = request.importer.name, request.coercer.name
    sold = [
        (flow.share(row), commodity)
        for commodity in request.shares
        if (flow := flow_of(request, commodity)) is not None
        for row in flow.rows
        if row["exporter"] == request.coercer.code
    ]
    told = (
        f"{coercer} sells {importer} none of these materials in the trade tables: {listed(wanted)}."
    )
    if not sold:
        return (
            f"{coercer} sells {importer} nothing that the trade tables have: choose another "
            "--coercer."
        )
    best = [f"{name} ({100 * share:.3g} % of it)" for share, name in sorted(sold, reverse=True)[:5]]
    return f"{told} It sells {', '.join(best)}: name what counts with --materials."
