"""What docs/data.md and docs/korea.md say of rows, stops, pools and losses passed on, by name."""

from __future__ import annotations

import csv
import re
from collections import Counter

import numpy as np
from docs.kept import Figure, difference, metric, point, rows
from docs.pages import ROOT

from riskengine.reports.tables.numbers import significant

_GDP = 4_005_000.0  #: of Japan, USD million; docs/data.md derives it
_TABLES = ("alternatives", "industries", "materials", "sources", "stocks", "uses")
_FEW = 0.0095  #: below one per cent a share of trials has two digits, else one decimal


def data_figures() -> dict[str, str]:
    """Every text of these."""
    found = [_rows(), _durations(), _stop(), _short(), _published(), _pools(), _rival(), _runs()]
    found.append(_trade())
    return {name: text for texts in found for name, text in texts.items()}


def _rows() -> dict[str, str]:
    """The rows of the tables of Korea and Japan by status."""
    counts: Counter[str] = Counter()
    for kind in _TABLES:
        for country in ("korea", "japan"):
            table = ROOT / "configs" / "tables" / f"{country}-{kind}.csv"
            with table.open(encoding="utf-8", newline="") as file:
                counts.update(row["status"] for row in csv.DictReader(file))
    texts = {f"rows-{status}": str(count) for status, count in counts.items()}
    return texts | {"rows-all": str(counts.total())}


def _durations() -> dict[str, str]:
    """The fitted durations, as `fit.toml` has them in its comments."""
    text = (ROOT / "configs" / "history" / "fit.toml").read_text("utf-8")
    found = re.findall(
        r"^# Time the flow (was near zero|stayed slow): n = (\d+),.*?"
        r"median ([\d.,]+) (\(.*?\)) days, 90 % quantile ([\d.,]+) \((.*?)\)$",
        text,
        re.MULTILINE,
    )
    texts = {}
    for state, n, median, ends, p90, p90_ends in found:
        name = "zero" if state == "was near zero" else "slow"
        texts |= {f"{name}-n": n, f"{name}-median": median, f"{name}-median-ends": ends.strip("()")}
        texts |= {f"{name}-p90": p90, f"{name}-p90-ends": p90_ends}
    return texts


#: Points of configs/sweep-japan-full-stop.toml.
_CHANGES = ("base", "low", "high", "exposure", "independent", "no-stocks", "firms-none")
_CHANGES += ("firms-sixty", "no-alternatives", "fifth", "recapture-none", "recapture-most")


def _stop() -> dict[str, str]:
    """A year without Chinese minerals in Japan: the mean loss in % of GDP."""
    shares = {}
    for which in ("all", "rare"):
        for number, change in enumerate(_CHANGES):
            shares[f"stop-{change}-{which}"] = _of_gdp(f"stop-{which}", number)
        shares[f"stop-two-stocks-{which}"] = _of_gdp(f"stop-two-{which}", 1)
        shares[f"stop-high-stocks-{which}"] = _of_gdp(f"stop-two-{which}", 2)
        shares[f"stop-two-independent-{which}"] = _of_gdp(f"stop-independent-{which}", 1)
        shares[f"stop-passed-{which}"] = metric(f"stop-passed-{which}", "mean").value / _GDP
    texts = {name: f"{100.0 * share:.2f}" for name, share in shares.items()}
    factor = shares["stop-passed-all"] / shares["stop-base-all"]
    widest = shares["stop-two-independent-all"]
    texts |= {"passed-factor": f"{factor:.2f}", "widest-passed": f"{100.0 * widest * factor:.1f}"}
    texts["needed-all"] = f"{0.032 / shares['stop-base-all']:.1f}"
    texts["needed-rare"] = f"{0.013 / shares['stop-base-rare']:.1f}"
    more = shares["stop-independent-all"] / shares["stop-base-all"] - 1.0
    return texts | {"independent-more": f"{100.0 * more:.0f} %"}


def _short() -> dict[str, str]:
    """Shorter and shallower stops: the mean loss with its interval, over that of a full year."""
    found = {}
    for row in rows("stops-batch"):
        unit = _GDP / 100.0 if row["scenario"].startswith("japan-") else 1.0
        ends = (float(row[column]) / unit for column in ("value", "lower", "upper"))
        found[row["scenario"]] = Figure(*ends)
    texts = {}
    for name, figure in found.items():
        year = found["-".join(name.split("-")[:2]) + "-year"]
        value, lower, upper = (_plain(significant(each)) for each in figure)
        texts[f"stop-{name}"] = f"{value} ({lower} to {upper})"
        texts[f"stop-{name}-part"] = f"1/{significant(year.value / figure.value, 2)}"
    return texts


def _plain(number: str) -> str:
    """Without an exponent."""
    return np.format_float_positional(float(number)) if "e" in number else number


def _of_gdp(case: str, number: int) -> float:
    return float(point(case, number)["value"]) / _GDP


def _published() -> dict[str, str]:
    """Our own predictions beside published estimates for Japan, in % of GDP."""
    cases = {"rare": "japan-rare-earths-one-year", "all": "japan-all-minerals-one-year"}
    texts = {}
    for which, case in cases.items():
        row = next(row for row in rows("history-backtest") if row["case"] == case)
        for column in ("median", "low_90", "high_90"):
            texts[f"year-{which}-{column}"] = f"{100.0 * float(row[column]):.2f}"
        texts[f"year-{which}-percentile"] = f"{100.0 * float(row['percentile']):.0f}"
    return texts


def _pools() -> dict[str, str]:
    """In how many trials of the joint case each pool is contested, and how long."""
    texts = {}
    for row in rows("joint-contested"):
        share = float(row["share"])
        name = row["pool"] or "any"
        few = significant(100.0 * share, 2) if share < _FEW else f"{100.0 * share:.1f}"
        texts[f"contested-{name}"] = f"{few} %" if share else "none"
        days = row["days"]
        texts[f"contested-{name}-days"] = f"{float(days):.0f}" if share and days else "-"
        texts[f"free-{name}"] = f"{100.0 * (1.0 - share):.0f}"
    return texts


def _rival() -> dict[str, str]:
    """Korea beside Japan in the market: what else changes, and Korea cut off as well."""
    texts = {}
    for name, number in {"half": 5, "double": 6}.items():
        for measure, level in (("mean", ""), ("tvar", "0.99")):
            row = point("rival", number, measure, level)
            texts[f"rival-{name}-{measure}"] = difference(row).signed
    base, alone = point("rival-cut-off", 0), difference(point("rival-cut-off", 1))
    texts["cut-off-mean"] = significant(float(base["value"]))
    texts["cut-off-less"] = significant(-alone.value, 2)
    less = Figure(-alone.value, -alone.upper, -alone.lower)
    texts |= {"cut-off-by": less.text, "cut-off-by-ends": less.ends}
    return texts


def _trade() -> dict[str, str]:
    """Each case with its own rows, and with those that trade data can tell."""
    texts = {}
    for country in ("korea", "japan"):
        for which, tables in (
            ("rows", f"tables/{country}-{{}}.csv"),
            ("trade", f"importers/{country}/tables/{{}}.csv"),
        ):
            case = f"{country}-{which}"
            texts[f"{case}-mean"] = metric(case, "mean").text
            texts[f"{case}-tvar"] = metric(case, "tvar 0.99").text
            for row in rows(f"{case}-metrics"):
                if row["scope"] == "material":
                    texts[f"{case}-{row['name']}"] = f"{float(row['value']):.0f}"
            counts: Counter[str] = Counter()
            for kind in ("materials", "sources"):
                with (ROOT / "configs" / tables.format(kind)).open(encoding="utf-8-sig") as file:
                    counts.update(row["status"] for row in csv.DictReader(file))
            texts[f"{case}-assumed"] = f"{counts['assumption']} of {counts.total()}"
    return texts


def _runs() -> dict[str, str]:
    """Losses passed on to suppliers, and Korea without single triggers."""
    texts = {}
    for name in ("korea", "korea-passed", "japan", "japan-passed"):
        for measure in ("mean", "var 0.99", "tvar 0.99"):
            texts[f"{name}-{measure.split()[0]}"] = metric(name, measure).text
    for name in ("no-boycott", "no-lapse"):
        texts[name] = metric(name, "mean").text
    return texts
