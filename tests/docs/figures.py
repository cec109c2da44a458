"""What the pages say of the shipped cases, by name, from the tables in `results/cases/`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from docs.data_figures import data_figures
from docs.history_figures import history_figures
from docs.kept import CASES, Figure, Row, difference, figure_of, metric, rows
from docs.pages import ROOT

from riskengine import load
from riskengine.reports.tables.numbers import short, significant, whole_percent


@cache
def figures() -> dict[str, str]:
    """Every text that a template may ask for."""
    bought = {**_buying(), **_buying_in_japan()}
    cases = {**_loss(), **_parts(), **_unknown(), **_rival(), **bought, **_history()}
    return cases | data_figures() | history_figures()


def _loss() -> dict[str, str]:
    texts = {}
    asked = {"mean": "mean", "any": "prob_loss", "output": "prob_output_loss", "sd": "sd"}
    asked |= {"var90": "var 0.9", "var99": "var 0.99", "tvar99": "tvar 0.99"}
    asked |= {"above1": "prob_above 1000.0", "above10": "prob_above 10000.0"}
    for name, measure in asked.items():
        found = metric("korea", measure)
        texts |= {name: found.text, f"{name}-ends": found.ends, f"{name}-chance": found.chance}
    mean, calm = metric("korea", "mean").value, metric("calm", "mean")
    no_halt = metric("no-halt", "mean").value
    texts |= {"no-halt": significant(no_halt), "halt-share": whole_percent(1 - no_halt / mean)}
    rate = load(ROOT / "configs" / "korea-2026.toml").disputes["china-korea"].rate_per_year
    texts["rate"] = short(rate)
    screen = (CASES / "korea-screen.txt").read_text("utf-8")
    texts["console"] = screen.split("\nWhat the loss rests on")[0] + "\n..."
    texts |= {"calm-mean": calm.text, "calm-any": metric("calm", "prob_loss").chance}
    texts |= {"calm-tvar99": metric("calm", "tvar 0.99").text}
    texts["var99-billion"] = significant(metric("korea", "var 0.99").value / 1000.0)
    return texts


def _parts() -> dict[str, str]:
    """What industries and materials lose, the largest first."""
    texts = {}
    for scope in ("industry", "material"):
        found = [r for r in rows("korea-metrics") if r["scope"] == scope]
        means = [r for r in found if (r["measure"], r["component"]) == ("contribution_mean", "all")]
        tails = {
            r["name"]: float(r["value"])
            for r in found
            if (r["measure"], r["level"]) == ("contribution_tvar", "0.99")
        }
        means.sort(key=lambda r: -float(r["value"]))
        total, tail = metric("korea", "mean").value, metric("korea", "tvar 0.99").value
        for at, row in enumerate(means[:3], 1):
            texts[f"{scope}-{at}"] = _words(row["name"])
            texts[f"{scope}-{at}-mean"] = significant(float(row["value"]))
            texts[f"{scope}-{at}-share"] = whole_percent(float(row["value"]) / total)
        first = sum(float(row["value"]) for row in means[:3])
        texts[f"{scope}-three-share"] = whole_percent(first / total)
        lines = [
            [scope.capitalize(), "Mean, USD million", "Share of the mean", "Share of TVaR 99 %"]
        ]
        for row in means:
            value = float(row["value"])
            shares = (value / total, tails[row["name"]] / tail)
            lines.append([_words(row["name"]), significant(value), *map(_share, shares)])
        texts[f"{scope}-table"] = _table(lines)
    return texts


def _unknown() -> dict[str, str]:
    texts = {}
    for row in rows("assumptions-uncertainty"):
        name = row["measure"] + row["level"].removeprefix("0.")
        if name in ("mean", "var99", "tvar99"):
            for column in ("p05", "p50", "p95"):
                texts[f"unknown-{name}-{column}"] = significant(float(row[column]))
            ends = (
                float(row["base"]) - float(row["chance"]),
                float(row["base"]) + float(row["chance"]),
            )
            texts[f"unknown-{name}-base"] = significant(float(row["base"]))
            texts[f"unknown-{name}-chance"] = " to ".join(map(significant, ends))
    words = {
        "tables.uses": "dependence: what stops without a material",
        "ladder.near-zero.sojourn.lognormal.p90": "how long the longest halts last",
        "triggers.spill-over-halt.probability": "the chance that Japan's halt spills over",
    }
    shares = [
        row
        for row in rows("assumptions-sensitivity")
        if (row["measure"], row["level"], row["index"]) == ("var", "0.99", "S1")
    ]
    shares.sort(key=lambda row: int(row["rank"]))
    named = [row for row in shares if row["clear"] == "TRUE"]
    lines = [["Assumption", "Share of the spread of VaR 99 %", "95 % interval"]]
    for row in named:
        found = figure_of(row, "value", "lower", "upper")
        ends = f"{whole_percent(found.lower)} to {whole_percent(found.upper)}"
        lines.append([words.get(row["parameter"], f"`{row['parameter']}`"), found.chance, ends])
    dependence = next(row for row in shares if row["parameter"] == "tables.uses")
    texts["dependence-share"] = whole_percent(float(dependence["value"]))
    return texts | {"unknown-table": _table(lines)}


def _rival() -> dict[str, str]:
    points = {"market": "1", "politics": "2", "first": "3", "empty": "4"}
    texts = {}
    found = [row for row in rows("rival-sweep") if row["measure"] in ("mean", "tvar")]
    for name, point in points.items():
        for row in found:
            if row["point"] == point and row["level"] in ("", "0.99"):
                texts[f"rival-{name}-{row['measure']}"] = difference(row).signed
    base = {
        row["measure"]: row for row in found if row["point"] == "0" and row["level"] in ("", "0.99")
    }
    texts["rival-base-mean"] = significant(float(base["mean"]["value"]))
    texts["rival-base-tvar"] = significant(float(base["tvar"]["value"]))
    less = next(row for row in found if row["point"] == "1" and row["measure"] == "mean")
    cost = figure_of(less, "difference", "difference_upper", "difference_lower")
    texts["rival-cost"] = significant(-cost.value, 1)
    return texts


def _buying() -> dict[str, str]:
    texts: dict[str, str] = {}
    frontier = rows("buying-frontier")
    finalists = {(row["budget"], row["portfolio"]): row for row in rows("buying-finalists")}
    lines = [["Budget", "Buy", "Cost", "TVaR 99 % falls to", "by", "Best in", "Mean regret"]]
    few = [["Budget", "Buy", "TVaR 99 % falls by", "Affordable in", "Mean regret there"]]
    for row in frontier:
        in_worlds = finalists[row["budget"], row["portfolio"]]
        budget = f"{float(row['budget']):.0f}"
        own = _purchase(row, in_worlds, f"buy-{budget}")
        texts |= own
        named, cost, value, by, ends, paid, share, regret = own.values()
        lines.append([budget, named, cost, value, f"{by} ({ends})", share, regret])
        if float(row["budget"]) >= 100.0:
            few.append([budget, named, f"{by} ({ends})", paid, regret])
        before = float(row["value"]) - float(row["difference"])
        texts[f"buy-{budget}-from"] = significant(before)
        for end in ("low", "high"):
            behind = row[f"rival_{'lower' if end == 'low' else 'upper'}"]
            texts[f"buy-{budget}-rival-{end}"] = significant(float(behind))
        texts[f"buy-{budget}-rival"] = significant(float(row["rival_difference"]))
        texts[f"buy-{budget}-best"] = whole_percent(float(in_worlds["best"]))
        rivals = [found for at, found in finalists.items() if at[0] == row["budget"]]
        often = max(rivals, key=lambda found: float(found["best"]))
        texts[f"often-{budget}"] = ", ".join(map(_words, often["portfolio"].split(" + ")))
        texts[f"often-{budget}-best"] = f"{whole_percent(float(often['best']))} of worlds"
    texts |= {"buying-table": _table(lines), "buying-few": _table(few)}
    chosen = [set(row["portfolio"].split(" + ")) for row in frontier]
    always = sorted(set.intersection(*chosen))
    *most, last = map(_words, always)
    texts["always"] = f"{', '.join(most)} and {last}"
    free = [row for row in rows("buying-options") if row["fixed"] != "TRUE"]
    texts["options"] = str(len(free))
    know = [r for r in rows("buying-information") if r["budget"] == frontier[2]["budget"]]
    know = [row for row in know if row["assumption"] != "all"]
    know.sort(key=lambda row: -float(row["value"]))
    texts["buy-100-switch"] = _switch(know[0])
    texts["find-out-first"] = f"{_words(know[0]['assumption'])} ({_switch(know[0])})"
    texts["find-out"] = _table(
        [["Assumption", "Worth of knowing it, USD million of TVaR 99 %", "Buy something else"]]
        + [[_words(r["assumption"]), significant(float(r["value"])), _switch(r)] for r in know[:4]]
    )
    return texts


def _buying_in_japan() -> dict[str, str]:
    texts: dict[str, str] = {}
    finalists = {(row["budget"], row["portfolio"]): row for row in rows("buying-japan-finalists")}
    for row in rows("buying-japan-frontier"):
        budget = f"{float(row['budget']):.0f}"
        in_worlds = finalists[row["budget"], row["portfolio"]]
        texts |= _purchase(row, in_worlds, f"japan-buy-{budget}")
    return texts


def _purchase(row: Mapping[str, str], in_worlds: Mapping[str, str], name: str) -> dict[str, str]:
    """What a budget buys: cost, loss after it, reduction, shares of worlds, regret."""
    change = figure_of(row, "difference", "difference_upper", "difference_lower")
    by = Figure(-change.value, -change.lower, -change.upper)
    paid, best = (f"{whole_percent(float(in_worlds[column]))} of worlds" for column in _SHARES)
    return {
        name: ", ".join(map(_words, row["portfolio"].split(" + "))),
        f"{name}-cost": significant(float(row["cost"])),
        f"{name}-to": significant(float(row["value"])),
        f"{name}-by": by.text,
        f"{name}-by-ends": by.ends,
        f"{name}-affordable": paid,
        f"{name}-right": best,
        f"{name}-regret": significant(float(in_worlds["regret"])),
    }


def _history() -> dict[str, str]:
    every = [row for row in rows("history-summary") if row["group"] == "all"]
    found = {(row["known"], row["interval"]): row for row in every}
    two, one = found["two-sided", "0.9"], found["one-sided", "0.9"]
    skill = next(row for row in rows("history-skill") if row["forecaster"] == "today's level")
    texts = {"history-two": two["outcomes"], "history-two-inside": two["inside"]}
    texts |= {"history-one": one["outcomes"], "history-one-inside": one["inside"]}
    texts["history-cases"] = str(len({row["case"] for row in rows("history-backtest")}))
    naive = next(row for row in rows("history-skill") if row["forecaster"] != "today's level")
    texts["history-naive"] = whole_percent(abs(float(naive["crps_skill"])))
    texts["history-skill"] = whole_percent(float(skill["crps_skill"]))
    texts["history-better"] = f"{skill['better']} of {skill['decided']} cases"
    texts |= {"history-of": skill["outcomes"], "history-naive-of": naive["outcomes"]}
    missed = [row for row in rows("history-backtest") if row["miss"] and row["kind"] == "observed"]
    lines = [["Case", "Figure", "Expected (median; 90 % interval)", "Seen", "Why"]]
    for row in missed:
        low, high = (_days(row[end]) for end in ("low_90", "high_90"))
        expected = f"{_days(row['median'])}; {low} to {high}"
        lines.append([row["case"], _words(row["name"]), expected, row["outcome_text"], row["miss"]])
    texts["history-misses"] = _table(lines)
    texts["history-missed"] = str(len(missed))
    return texts


_SHARES = ("affordable", "best")  #: of worlds, columns of finalists.csv
_NAMES = {
    "ndfeb-magnets": "rare-earth magnets",
    "asean-magnet-contract": "ASEAN magnet contract",
    "ndpr-price-floor": "price floor for NdPr",
    "heavy-rare-earths-stock-60": "60 days of heavy rare earths",
    "heavy-rare-earths-stock-180": "180 days of heavy rare earths",
    "caremag": "the plant Caremag",
    "thrift-programme": "programme of thrift",
    "heavy-and-yttrium-contract": "contract for heavy rare earths and yttrium",
    "triggers.spill-over-halt.probability": "chance that Japan's halt spills over",
    "flow-back": "day on which the flow is normal again",
    "first-loss-japan": "day of the first lost output, Japanese carmakers",
    "first-loss-us": "day of the first lost output, American carmakers",
}
_STOCK = re.compile(r"(magnet|anode)-stock=(\d+)")
_DEPENDENCE = re.compile(r"industries\.([\w-]+)\.uses\.([\w-]+)\.dependence")


def _words(name: str) -> str:
    """A name of the configs as a reader would say it."""
    if found := _STOCK.fullmatch(name):
        return f"{found[2]} days of {'magnets' if found[1] == 'magnet' else 'anode graphite'}"
    if found := _DEPENDENCE.fullmatch(name):
        return f"dependence of {_words(found[1])} on {_words(found[2])}"
    return _NAMES.get(name, name if "." in name else name.replace("-", " "))


def _share(value: float) -> str:
    return whole_percent(value) if value >= 0.01 else "below 1 %"


def _switch(row: Row) -> str:
    """From which value of an assumption another portfolio is the better one."""
    ends = {"below": row["switch_below"], "above": row["switch_above"]}
    found = [f"{word} {significant(float(end))}" for word, end in ends.items() if end]
    return " or ".join(found) or "never"


def _days(text: str) -> str:
    return significant(float(text)) if text and text != "inf" else "none"


def _table(lines: Iterable[list[str]]) -> str:
    head, *rest = (f"| {' | '.join(cells)} |" for cells in lines)
    return "\n".join([head, "|" + " --- |" * head.count(" | ") + " --- |", *rest])
