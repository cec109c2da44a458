"""A scenario for an importer as files: a config with a list on top, and its tables."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from riskengine.config.toml.one_line import toml_text
from riskengine.config.toml.writing import document_lines
from riskengine.economies.drafting.demand import SUPPLIERS, Demand, Scale, demanded, scale_of
from riskengine.economies.drafting.politics import VALUATION_DATE, Politics, politics_of, slug
from riskengine.economies.drafting.request import DraftRequest
from riskengine.economies.drafting.reserves import reserved
from riskengine.economies.drafting.supply import supplied
from riskengine.economies.drafting.wording import ANNOTATIONS, Remark, Row, table_bytes
from riskengine.economies.tables import UNION
from riskengine.errors import UsageFault

TRIALS = 100_000
SEED = 20260108
HORIZON_DAYS = 730  #: as in the shipped cases: new suppliers need one to two years
FOLDER = "tables"
_WIDTH = 110

_COLUMNS = {
    "materials": ("material", "spend_per_year", "coverage", "cut.normalised-licensing",
                  "cut.slow-licensing", "cut.near-zero", "cut.secondary-boycott",
                  "price_elasticity", "price_cap", "refill_rate"),
    "sources": ("material", "country", "share", "boycott_cut"),
    "alternatives": ("material", "alternative", "kind", "capacity", "probability",
                     "lead_time.lognormal.median", "lead_time.lognormal.p90", "ramp_days",
                     "premium", "boycott_cut"),
    "stocks": ("material", "tier", "days", "release_lag_days", "max_release"),
    "industries": ("industry", "value_added_per_year", "min_operating_rate", "recapture"),
    "uses": ("industry", "material", "share", "dependence",
             "inventory_days.across.lognormal.median", "inventory_days.across.lognormal.p90",
             "substitution_share", "substitution_lag_days"),
    "propagation": ("from", "to", "coefficient"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ScenarioDraft:
    """A scenario as files of a folder."""

    name: str  #: of the config, without its ending
    config: str
    tables: Mapping[str, bytes]  #: by path in the folder
    remarks: tuple[Remark, ...]
    counts: Mapping[str, int]  #: rows by status


def draft_scenario(request: DraftRequest) -> ScenarioDraft:
    """A scenario for an importer, from trade data and what is borrowed.

    Raises
    ------
    UsageFault
        If the importer has no trade, the coercer sells nothing, or a name is wrong.
    """
    _refuse_senseless(request)
    scale = scale_of(request)
    supply = supplied(request, scale)
    demand = demanded(request, scale, supply.names)
    reserves = reserved(request, supply.names)
    politics = politics_of(request)
    remarks = (
        _of_shares(request),
        *supply.remarks,
        *demand.remarks,
        *reserves.remarks,
        *politics.remarks,
    )
    rows: dict[str, list[Row]] = {
        "materials": supply.materials,
        "sources": supply.sources,
        "alternatives": reserves.alternatives,
        "stocks": reserves.stocks,
        "industries": demand.industries,
        "uses": demand.uses,
        "propagation": demand.propagation,
    }
    tables = {
        f"{FOLDER}/{table}.csv": table_bytes(of, (*_COLUMNS[table], *ANNOTATIONS))
        for table, of in rows.items()
        if of
    }
    name = slug(request.importer.name)
    named = [table for table, of in rows.items() if of and table != "propagation"]
    return ScenarioDraft(
        name=name,
        config=_config(request, scale, politics, remarks, (name, named, demand)),
        tables=tables,
        remarks=remarks,
        counts=_counts(rows),
    )


def _counts(rows: Mapping[str, list[Row]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for table, of in rows.items():
        for row in of if table != "propagation" else ():
            found[row["status"]] = found.get(row["status"], 0) + 1
    return found


def _refuse_senseless(request: DraftRequest) -> None:
    importer, coercer = request.importer, request.coercer
    if importer.code == coercer.code:
        raise UsageFault(f"{importer.name} cannot cut itself off: choose another --coercer.")
    if importer.code == UNION and coercer.in_union:
        raise UsageFault(f"{coercer.name} is inside the European Union: choose another --coercer.")
    if not request.totals:
        raise UsageFault(
            f"{importer.name} imports nothing that the trade tables have "
            f"({request.trade.edition}): choose another --importer."
        )


def _of_shares(request: DraftRequest) -> Remark:
    hub = (
        " Members of the EU show each other as sources: compare with --importer EU."
        if request.importer.in_union
        else ""
    )
    return Remark(
        "sources: a share is one of imports by weight, of the country that the goods were shipped "
        f"from. Home production, recycling and re-exports are not taken off.{hub}",
        "times imports over demand where you produce at home; the rest cannot be cut off",
    )


def _config(
    request: DraftRequest,
    scale: Scale,
    politics: Politics,
    remarks: tuple[Remark, ...],
    files: tuple[str, list[str], Demand],
) -> str:
    """The text of the config: what it is, the list, and the scenario."""
    name, tables, demand = files
    importer, coercer = request.importer.name, request.coercer.name
    run = {
        "title": f"{importer} under an export ban of {coercer}, from trade data",
        "trials": TRIALS,
        "seed": SEED,
        "horizon_days": HORIZON_DAYS,
        "money": scale.money,
        "importer": importer,
    }
    lines = [
        *_comment(
            f"{importer} under an export ban of {coercer}. Written by riskengine new from "
            f"{request.trade.edition}, and the shipped case {request.case.shipped}. Every row has "
            "a source, a status and a note: sourced, derived (arithmetic on cited figures), "
            "assumption, or borrowed (worked out for another case)."
        ),
        "#",
        *_comment("What is assumed, borrowed or missing, and what it takes to replace it:"),
        *(line for remark in remarks for line in _item(remark)),
        "#",
        f"#   riskengine check {name}.toml      what the engine understood, rows by status",
        f"#   riskengine run {name}.toml        the losses of two years",
        *_switch(name, demand),
        "",
        f"extends = {toml_text(politics.extends)}",
        "",
        "[run]",
        *(f"{key} = {toml_text(value)}" for key, value in run.items()),
        f"valuation_date = {VALUATION_DATE}     # time 0 of the politics",
        "",
        "[tables]",
        *(f'{table} = "{FOLDER}/{table}.csv"' for table in tables),
        "",
        *document_lines(politics.document),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ")


def _item(remark: Remark) -> list[str]:
    return textwrap.wrap(remark.text, _WIDTH, initial_indent="# - ", subsequent_indent="#   ")


def _switch(name: str, demand: Demand) -> list[str]:
    if not demand.propagation:
        return []
    on = f"--set 'industries.{SUPPLIERS}={{value_added_per_year=0}}'"
    return [
        "# With losses passed on to suppliers:",
        f"#   riskengine run {name}.toml --set propagation.file={FOLDER}/propagation.csv {on}",
    ]
