"""One slip at a time: each is met with its line, its path and a word that helps."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from riskengine.config import load
from riskengine.errors import Fault, format_path

#: what stands in the small config, what replaces it, the path of the fault, a word of its message
SLIPS = [
    # [run]
    ("trials = 1_000", "trails = 1_000", "run.trails", "trials"),
    ("trials = 1_000", "trials = 0", "run.trials", "from 1 to"),
    ("trials = 1_000", "trials = 1000.0", "run.trials", "write 1000"),
    ("trials = 1_000", 'trials = "1000"', "run.trials", "without quotes"),
    ("trials = 1_000", "trials = 9223372036854775809", "run.trials", "from 1 to"),
    ("trials = 1_000", "trials = true", "run.trials", "true and false are no numbers"),
    ("seed = 7", "seed = -1", "run.seed", "from 0 to"),
    ("seed = 7", "seed = false", "run.seed", "is false"),
    ("seed = 7", "seed = 9223372036854775808", "run.seed", "from 0 to"),
    ("horizon_days = 730", "horizon_days = 0", "run.horizon_days", "above 0"),
    ("horizon_days = 730", "horizon_days = inf", "run.horizon_days", "not finite"),
    ("horizon_days = 730", "horizon_days = nan", "run.horizon_days", "not finite"),
    ("horizon_days = 730", 'horizon_days = "2 years"', "run.horizon_days", "without the unit"),
    ("horizon_days = 730", "horizon_days = -5", "run.horizon_days", "above 0"),
    (
        "valuation_date = 2026-01-08", 'valuation_date = "2026-02-30"',
        "run.valuation_date", "2026-01-08",
    ),
    (
        "valuation_date = 2026-01-08", "valuation_date = 2026-01-08T10:00:00",
        "run.valuation_date", "a date such as",
    ),
    ('money = "USD million"', "money = 5", "run.money", "text in quotes"),
    ('title = "Small"', 'title = "a\\u0007b"', "run.title", "control character U+0007"),
    ("[run]", "run = 5\n[runs]", "run", "a table"),
    ("[run]", "[run]\nnote = 5", "run.note", "free text"),
    ("[run]", "[rum]", "rum", "run"),
    # [ladder]
    ("median = 150, p90 = 540", "median = 540, p90 = 150", "ladder.licensing.sojourn.lognormal", "above p90"),
    ("median = 150, p90 = 540", "median = 150", "ladder.licensing.sojourn.lognormal", "{median, p90}"),
    ("median = 150, p90 = 540", "median = 150, p9 = 540", "ladder.licensing.sojourn.lognormal", "p90"),
    ("median = 150, p90 = 540", "median = -1, p90 = 540", "ladder.licensing.sojourn.lognormal.median", "above 0"),
    ("median = 150, p90 = 540", "mu = 800, sigma = 1", "ladder.licensing.sojourn.lognormal", "stays below"),
    ("median = 150, p90 = 540", "median = 1e-300, p90 = 1e300", "ladder.licensing.sojourn.lognormal", "too extreme"),
    ("lognormal = { median = 150, p90 = 540 }", "pareto = { minimum = 1e-300, shape = 0.01 }", "ladder.licensing.sojourn.pareto", "larger than any number"),
    ("lognormal = { median = 150, p90 = 540 }", "pareto = { minimum = 1e-320, shape = 0.01 }", "ladder.licensing.sojourn.pareto", "larger than any number"),
    ("lognormal = { median = 150, p90 = 540 }", "gamma = { shape = 1e-200, scale = 5 }", "ladder.licensing.sojourn.gamma", "has shape = 1e-200"),
    ("{ lognormal = { median = 150, p90 = 540 } }", "{ uniform = { low = -1e308, high = 1e308 }, min = 1 }", "ladder.licensing.sojourn.uniform", "too extreme"),
    ("beta = { mean = 0.8, sd = 0.1 }", "beta = { alpha = 1e12, beta = 1e11 }", "materials.gallium.cut.full-ban.beta", "a bare number"),
    ("lognormal = { median = 150, p90 = 540 }", "empirical = { values = [1, 2], weights = [1e308, 1e308] }", "ladder.licensing.sojourn.empirical.weights", "a positive sum"),
    ("lognormal = { median = 150, p90 = 540 }", "empirical = { values = [1, 2], weights = [0, 0] }", "ladder.licensing.sojourn.empirical.weights", "a positive sum"),
    ("rate_per_year = 0.12", "rate_per_year = 1_000_001", "disputes.china-korea.rate_per_year", "1,000,000"),
    ("seed = 7", "seed = 9223372036854774784.0", "run.seed", "write 9223372036854774784,"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "", "ladder.licensing.sojourn", "is missing"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = 0", "ladder.licensing.sojourn", "above 0"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = -3", "ladder.licensing.sojourn", "above 0"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", 'sojourn = "150"', "ladder.licensing.sojourn", "write 150"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = [150]", "ladder.licensing.sojourn", "a list"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = {}", "ladder.licensing.sojourn", "without a family"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { lognormal = 5 }", "ladder.licensing.sojourn.lognormal", "a table with"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { min = 5 }", "ladder.licensing.sojourn", "no family"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { normal = { mean = 1, sd = 1 } }", "ladder.licensing.sojourn.normal", "lognormal"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { constant = { value = 1 } }", "ladder.licensing.sojourn.constant", "bare number"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { exponential = { mean = 5 }, gamma = { mean = 5, cv = 1 } }", "ladder.licensing.sojourn", "two families"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { exponential = { mean = 5 }, min = 9, max = 9 }", "ladder.licensing.sojourn", "min below max"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { exponential = { mean = 5 }, min = 900 }", "ladder.licensing.sojourn", "between min and max"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { uniform = { low = -5, high = 5 } }", "ladder.licensing.sojourn", "add min = 0"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { uniform = { low = 5, high = 1 } }", "ladder.licensing.sojourn.uniform", "low <= high"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { exponential = { mean = 1e-9 } }", "ladder.licensing.sojourn", "stand still"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { empirical = { values = [] } }", "ladder.licensing.sojourn.empirical.values", "empty list"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { empirical = { values = [0, 5] } }", "ladder.licensing.sojourn", "above 0"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", 'sojourn = { empirical = { values = [1, "x"] } }', "ladder.licensing.sojourn.empirical.values", "number 2"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { empirical = { values = [1, 2], weights = [1] } }", "ladder.licensing.sojourn.empirical", "as many"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { empirical = { values = [1, 2], weights = [1, -1] } }", "ladder.licensing.sojourn.empirical.weights", "positive sum"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", "sojourn = { empirical = { values = [1, 2] }, min = 5 }", "ladder.licensing.sojourn", "no value"),
    ("sojourn = { lognormal = { median = 150, p90 = 540 } }", 'sojourn = { empirical = { file = "no.csv", column = "x" } }', "ladder.licensing.sojourn.empirical.file", "no file"),
    ("resolved = 0.6, full-ban = 0.4", "resolved = 0.6, full-ban = 0.5", "ladder.licensing.next", "sum to 1.1"),
    ("resolved = 0.6, full-ban = 0.4", "resolved = 60, full-ban = 40", "ladder.licensing.next.resolved", "did you mean 0.6?"),
    ("resolved = 0.6, full-ban = 0.4", "resolved = 0.6, fullban = 0.4", "ladder.licensing.next.fullban", "full-ban"),
    ("resolved = 0.6, full-ban = 0.4", "", "ladder.licensing.next", "sum to 0"),
    ("next = { resolved = 0.6, full-ban = 0.4 }", "", "ladder.licensing.next", "is missing"),
    ("next = { resolved = 0.6, full-ban = 0.4 }", "next = 1", "ladder.licensing.next", "a table"),
    ("boycott = true", 'boycott = "yes"', "ladder.full-ban.boycott", "without quotes"),
    ("boycott = true", "boycott = 1", "ladder.full-ban.boycott", "true or false"),
    ("[correlation]", "[ladder.resolved]\nsojourn = 1\nnext = { resolved = 1 }\n[correlation]", "ladder.resolved", "end of every path"),
    # disputes and triggers
    ('coercer = "China"\ntarget = "Korea"', 'target = "Korea"', "disputes.china-korea.coercer", "is missing"),
    ('coercer = "China"\ntarget = "Korea"', 'coercer = "Korea"\ntarget = "Korea"', "disputes.china-korea.target", "two different"),
    ('target = "Japan"', 'target = "Korea"', "disputes.china-japan", "one dispute"),
    ("rate_per_year = 0.12", "rate_per_year = -1", "disputes.china-korea.rate_per_year", "per year"),
    ("rate_per_year = 0.12", "rate = 0.12", "disputes.china-korea.rate", "rate_per_year"),
    ("entry = { licensing = 0.7, full-ban = 0.3 }", "", "disputes.china-korea.entry", "is missing"),
    ("entry = { licensing = 0.7, full-ban = 0.3 }", "entry = { resolved = 1 }", "disputes.china-korea.entry.resolved", "cannot enter"),
    ("entry = { licensing = 0.7, full-ban = 0.3 }", "entry = { licensing = 0.7 }", "disputes.china-korea.entry", "sum to 0.7"),
    ('level = "full-ban"', 'level = "full-bann"', "disputes.china-japan.active.level", "full-ban"),
    ("elapsed_days = 2", "elapsed_days = -2", "disputes.china-japan.active.elapsed_days", "days"),
    ("elapsed_days = 2", "elapsed_days = 2, materials = []", "disputes.china-japan.active.materials", "empty list"),
    ("elapsed_days = 2", 'elapsed_days = 2, materials = ["gallium"]', "disputes.china-japan.active.materials", "does not concern"),
    ("elapsed_days = 2", 'elapsed_days = 2, materials = "gallium"', "disputes.china-japan.active.materials", '["gallium"]'),
    ('when = "china-japan"', 'when = "china-jpan"', "triggers.spillover.when", "china-japan"),
    ('reaches = "full-ban"', 'reaches = "war"', "triggers.spillover.reaches", "licensing, full-ban"),
    ('starts = "china-korea"', "", "triggers.spillover.starts", "is missing"),
    ("probability = 0.25", "probability = 25", "triggers.spillover.probability", "did you mean 0.25?"),
    ("lag = { exponential = { mean = 45 } }", "lag = -1", "triggers.spillover.lag", "at least 0"),
    ("duration = 0.7", "duration = 1.1", "correlation.duration", "from 0 to 1"),
    ("duration = 0.7", "durations = 0.7", "correlation.durations", "duration"),
    # materials
    ("spend_per_year = 40", "spend_per_year = 1e400", "materials.gallium.spend_per_year", "not finite"),
    ("spend_per_year = 40", 'spend_per_year = "1.5bn"', "materials.gallium.spend_per_year", "in full"),
    ("coverage = 0.9", 'coverage = "90%"', "materials.gallium.coverage", "write 0.9"),
    ("coverage = 0.9", 'coverage = "0,9"', "materials.gallium.coverage", "write 0.9"),
    ("coverage = 0.9", "coverage = 90", "materials.gallium.coverage", "did you mean 0.9?"),
    ("coverage = 0.9", "coverage = { uniform = { low = 0, high = 1 } }", "materials.gallium.coverage", "a number"),
    ("licensing = 0.3, full-ban = {", "licensing = 30, full-ban = {", "materials.gallium.cut.licensing", "did you mean 0.3?"),
    ("licensing = 0.3, full-ban = {", "licencing = 0.3, full-ban = {", "materials.gallium.cut.licencing", "licensing"),
    ("beta = { mean = 0.8, sd = 0.1 }", "beta = { mean = 0.8, sd = 0.4 }", "materials.gallium.cut.full-ban.beta", "no beta distribution"),
    ("beta = { mean = 0.8, sd = 0.1 }", "lognormal = { median = 0.8, p90 = 0.9 }", "materials.gallium.cut.full-ban", "add max = 1"),
    ("price_elasticity = 0.3", "price_elasticity = 0", "materials.gallium.price_elasticity", "above 0"),
    ("price_elasticity = 0.3", "price_cap = 0.5", "materials.gallium.price_cap", "at least 1"),
    ('allocation = "proportional"', 'allocation = "prioritty"', "materials.gallium.allocation", "priority"),
    ("China = { share = 0.90 }", "China = { share = 0.96 }", "materials.gallium.sources", "sum to 1.01"),
    ("China = { share = 0.90 }", "China = 0.90", "materials.gallium.sources.China", "a table"),
    ("China = { share = 0.90 }", "China = { shares = 0.9 }", "materials.gallium.sources.China.shares", "share"),
    ("Vietnam = { share = 0.05", "china = { share = 0.05", "materials.gallium.sources.china", "only in case"),
    ("capacity = 0.10", "capacity = 10", "materials.gallium.alternatives.recycling.capacity", "did you mean 0.1?"),
    ("capacity = 0.10", "capacity = { uniform = { low = -1, high = 1 } }", "materials.gallium.alternatives.recycling.capacity", "as low as -1"),
    ("capacity = 0.10", "", "materials.gallium.alternatives.recycling.capacity", "is missing"),
    ("ramp_steps = 4", "ramp_steps = 0", "materials.gallium.alternatives.recycling.ramp_steps", "from 1 to 1,000"),
    ("ramp_steps = 4", "ramp_steps = 4.0", "materials.gallium.alternatives.recycling.ramp_steps", "write 4"),
    ("premium = 0.4", "premium = -0.4", "materials.gallium.alternatives.recycling.premium", "at least 0"),
    ("days = 60", 'days = "60 days"', "materials.gallium.stocks.public.days", "write 60"),
    ("days = 60", "days = true", "materials.gallium.stocks.public.days", "is true"),
    ("max_release = 0.5", "max_release = 0", "materials.gallium.stocks.public.max_release", "above 0"),
    ("premium = 0.4", 'lead_from = "first cut"', "materials.gallium.alternatives.recycling.lead_from", "first-cut"),
    ("premium = 0.4", "lead_from = 2026-01-01", "materials.gallium.alternatives.recycling.lead_from", '"first-cut" or "start"'),
    ("max_release = 0.5", "build_rate = -0.1", "materials.gallium.stocks.public.build_rate", "at least 0"),
    ("max_release = 0.5", "build_rate = { uniform = { low = 0, high = 1 } }", "materials.gallium.stocks.public.build_rate", "a number"),
    ("max_release = 0.5", "build_rate = 0.1\ntarget_days = -1", "materials.gallium.stocks.public.target_days", "at least 0"),
    ("max_release = 0.5", "target_days = 180", "materials.gallium.stocks.public.target_days", "build_rate above 0"),
    ("max_release = 0.5", "target_days = 180\nbuild_rate = 0", "materials.gallium.stocks.public.target_days", "leave target_days out"),
    ("[materials.gallium.ladder.full-ban]", "[materials.gallium.ladder.fullban]", "materials.gallium.ladder.fullban", "full-ban"),
    ("sojourn = { lognormal = { median = 200, p90 = 900 } }", "boycott = true", "materials.gallium.ladder.full-ban.boycott", "sojourn, next"),
    ("sojourn = { lognormal = { median = 200, p90 = 900 } }", "next = { full-ban = 1.0 }", "materials.gallium.ladder", "no way leads"),
    # industries
    ("value_added_per_year = 5200", "", "industries.chips.value_added_per_year", "is missing"),
    ("value_added_per_year = 5200", 'value_added_per_year = "1,000,000"', "industries.chips.value_added_per_year", "a number"),
    ('combine = "bottleneck"', 'combine = "bottle neck"', "industries.chips.combine", "bottleneck"),
    ("recapture = 0.2", "recapture = 20", "industries.chips.recapture", "did you mean 0.2?"),
    ("[industries.chips.uses.gallium]", "[industries.chips.uses.galium]", "industries.chips.uses.galium", "gallium"),
    ("share = 0.5\n", "share = 1.5\n", "industries.chips.uses.gallium.share", "from 0 to 1"),
    ("dependence = 0.8", "", "industries.chips.uses.gallium.dependence", "is missing"),
    ("inventory_days = 30", "inventory_days = -0.5", "industries.chips.uses.gallium.inventory_days", "at least 0"),
    ("priority = 1", "priority = inf", "industries.chips.uses.gallium.priority", "not finite"),
    ("inventory_days = 30", 'inventory_days = "30 days"', "industries.chips.uses.gallium.inventory_days", "or a table with across and classes"),
    ("inventory_days = 30", "inventory_days = { classes = 5 }", "industries.chips.uses.gallium.inventory_days.across", "is missing"),
    ("inventory_days = 30", "inventory_days = { across = 30, clases = 5 }", "industries.chips.uses.gallium.inventory_days.clases", 'did you mean "classes"?'),
    ("inventory_days = 30", "inventory_days = { across = 30, classes = 101 }", "industries.chips.uses.gallium.inventory_days.classes", "from 1 to 100"),
    ("inventory_days = 30", "inventory_days = { across = 30, classes = 2.5 }", "industries.chips.uses.gallium.inventory_days.classes", "a whole number"),
    ("inventory_days = 30", "inventory_days = { across = -1 }", "industries.chips.uses.gallium.inventory_days.across", "at least 0"),
    ("inventory_days = 30", "inventory_days = { lognormal = { median = 30, p90 = 90 } }", "industries.chips.uses.gallium.inventory_days.lognormal", "is no known key"),
    # the rest
    ("[correlation]", "[propagation]\ncoefficients = { chips = { chips = 1 } }\n[correlation]", "propagation.coefficients", "spectral radius"),
    ("[correlation]", "[propagation]\ncoefficients = { chips = { cars = 1 } }\n[correlation]", "propagation.coefficients.chips.cars", "no industry"),
    ("[correlation]", "[propagation]\ncoefficients = { chips = { chips = -1 } }\n[correlation]", "propagation.coefficients.chips.chips", "at least 0"),
    ("[correlation]", "[[sweep]]\nx = 1\n[correlation]", "sweep", "a list"),
    ("[correlation]", "[sweep]\nx = [1, nan]\n[correlation]", "sweep.x", "not finite"),
    ("[correlation]", '[tables]\nsource = "a.csv"\n[correlation]', "tables.source", "sources"),
    ("[correlation]", '[tables]\nsources = "a.csv"\n[correlation]', "tables.sources", "no file"),
    ("[correlation]", "[tables]\nsources = 5\n[correlation]", "tables.sources", "text in quotes"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "word"), SLIPS, ids=[new for _, new, _, _ in SLIPS])
def test_a_slip_is_met_with_its_line_its_path_and_a_word_that_helps(
    small: str,
    write: Callable[..., Path],
    faults: Callable[..., tuple[Fault, ...]],
    old: str,
    new: str,
    path: str,
    word: str,
) -> None:
    assert old in small
    text = small.replace(old, new, 1)
    file = write(text)

    found = faults(file)

    met = [fault for fault in found if format_path(fault.path) == path]
    assert met, [format_path(fault.path) for fault in found]
    assert any(word in " ".join((f.found, f.allowed, f.hint)) for f in met), met
    for fault in met:
        assert fault.file == str(file)
        assert fault.text == text.split("\n")[fault.line - 1].strip()


def test_the_small_config_has_no_slip(small: str, write: Callable[..., Path]) -> None:
    from riskengine.config import load

    assert load(write(small)).stem == "small"


def test_no_whole_number_is_suggested_that_is_too_large(
    small: str, write: Callable[..., Path], faults: Callable[..., tuple[Fault, ...]]
) -> None:
    found = faults(write(small.replace("seed = 7", "seed = 9223372036854775808.0")))

    assert [fault.hint for fault in found] == [""]


def test_a_fault_of_a_cell_shows_its_own_row(
    small: str, write: Callable[..., Path], faults: Callable[..., tuple[Fault, ...]]
) -> None:
    write("material,tier,days\ngallium,first,5\ngallium,second,many\ngallium,third,7\n", "s.csv")

    found = faults(write(small + '[tables]\nstocks = "s.csv"\n'))

    assert [(fault.cell, fault.text) for fault in found] == [("C3", "gallium,second,many")]


GALLIUM, RECYCLING = "materials.gallium", "materials.gallium.alternatives.recycling"
SHARE = ([0, 0.01, 1], [-1e-9, 1.000001])
#: numbers that docs/config.md allows, both ends of a range among them, and numbers beyond it
RANGES = [
    ("run.trials", [1, 2**63 - 1], [0, 2**63]),
    ("run.seed", [0, 2**63 - 1], [-1, 2**63]),
    ("run.horizon_days", [1e-9, 3_650_000], [0, 3_650_001]),
    ("run.tilt", [0, 3], [-1e-9, 3.01]),
    ("disputes.china-korea.rate_per_year", [0, 1e6], [-1e-9, 1_000_001]),
    ("triggers.spillover.probability", *SHARE),
    ("triggers.spillover.lag", [0, 1e9], [-1e-9]),
    ("disputes.china-japan.active.elapsed_days", [0, 90], [-1e-9]),
    *(
        (f"correlation.{name}", *SHARE)
        for name in ("coverage", "duration", "escalation", "severity", "rerouting")
    ),
    ("ladder.licensing.sojourn", [1e-3, 1e9], [0, -1]),
    (f"{GALLIUM}.ladder.full-ban.sojourn", [1e-3, 1e9], [0, -1]),
    (f"{GALLIUM}.spend_per_year", [0, 1e12], [-1e-9]),
    (f"{GALLIUM}.coverage", *SHARE),
    (f"{GALLIUM}.cut.licensing", *SHARE),
    (f"{GALLIUM}.price_elasticity", [1e-9, 1e3], [0, -1]),
    (f"{GALLIUM}.price_cap", [1, 1.01, 1e3], [0.999]),
    (f"{GALLIUM}.refill_rate", [0, 5], [-1e-9]),
    (f"{GALLIUM}.sources.Vietnam.boycott_cut", *SHARE),
    (f"{GALLIUM}.sources.China.share", [0, 0.9], [-1e-9, 1.000001]),
    (f"{RECYCLING}.capacity", *SHARE),
    (f"{RECYCLING}.probability", *SHARE),
    (f"{RECYCLING}.lead_time", [0, 1e9], [-1e-9]),
    (f"{RECYCLING}.ramp_days", [0, 1e9], [-1e-9]),
    (f"{RECYCLING}.ramp_steps", [1, 1_000], [0, 1_001]),
    (f"{RECYCLING}.premium", [0, 1e3], [-1e-9]),
    (f"{RECYCLING}.boycott_cut", *SHARE),
    (f"{GALLIUM}.stocks.public.days", [0, 1e9], [-1e-9]),
    (f"{GALLIUM}.stocks.public.release_lag_days", [0, 1e9], [-1e-9]),
    (f"{GALLIUM}.stocks.public.max_release", [1e-9, 1], [0, 1.000001]),
    (f"{GALLIUM}.stocks.public.build_rate", [0, 1e-9, 1e9], [-1e-9]),
    (f"{GALLIUM}.stocks.public.target_days", [], [-1e-9, 0, 180]),
    ("industries.chips.value_added_per_year", [0, 1e12], [-1e-9]),
    ("industries.chips.min_operating_rate", *SHARE),
    ("industries.chips.recapture", [0, 1], [-1e-9, 1.000001]),
    ("industries.chips.uses.gallium.share", *SHARE),
    ("industries.chips.uses.gallium.dependence", *SHARE),
    ("industries.chips.uses.gallium.inventory_days", [0, 1e9], [-1e-9]),
    ("industries.chips.uses.gallium.substitution_share", *SHARE),
    ("industries.chips.uses.gallium.priority", [-1e9, 0, 1e9], []),
]


@pytest.mark.parametrize(("path", "inside", "beyond"), RANGES, ids=[path for path, _, _ in RANGES])
def test_a_number_may_be_either_end_of_its_range_and_nothing_beyond(
    small: str, write: Callable[..., Path], faults: Callable[..., tuple[Fault, ...]],
    path: str, inside: list[float], beyond: list[float],
) -> None:  # fmt: skip
    file = write(small)
    for value in inside:
        assert load(file, [f"{path}={value!r}"])
    for value in beyond:
        found = faults(file, [f"{path}={value!r}"])
        assert path in {format_path(fault.path) for fault in found}


@pytest.mark.parametrize("steps", [20, 21])
def test_twenty_thresholds_may_be_asked_for(
    small: str, write: Callable[..., Path], faults: Callable[..., tuple[Fault, ...]], steps: int
) -> None:
    setting = f"run.thresholds={list(range(steps))}"
    if steps == 20:
        assert len(load(write(small), [setting]).run.thresholds) == 20
    else:
        assert "a list of 1 to 20 rising numbers" in faults(write(small), [setting])[0].allowed


#: what must stand in its table, as the small config writes it
REQUIRED = [
    ("ladder.licensing.sojourn", "sojourn = { lognormal = { median = 150, p90 = 540 } }\n"),
    ("ladder.licensing.next", "next = { resolved = 0.6, full-ban = 0.4 }\n"),
    ("disputes.china-korea.coercer", 'coercer = "China"\n'),
    ("disputes.china-korea.target", 'target = "Korea"\n'),
    ("disputes.china-korea.entry", "entry = { licensing = 0.7, full-ban = 0.3 }\n"),
    ("disputes.china-japan.active.level", 'level = "full-ban", '),
    ("triggers.spillover.when", 'when = "china-japan"\n'),
    ("triggers.spillover.reaches", 'reaches = "full-ban"\n'),
    ("triggers.spillover.starts", 'starts = "china-korea"\n'),
    ("materials.gallium.sources.China.share", "share = 0.90"),
    (f"{RECYCLING}.capacity", "capacity = 0.10\n"),
    (f"{RECYCLING}.lead_time", "lead_time = { lognormal = { median = 240, p90 = 540 } }\n"),
    ("materials.gallium.stocks.public.days", "days = 60\n"),
    ("industries.chips.value_added_per_year", "value_added_per_year = 5200\n"),
    ("industries.chips.uses.gallium.share", "share = 0.5\n"),
    ("industries.chips.uses.gallium.dependence", "dependence = 0.8\n"),
]


@pytest.mark.parametrize(("path", "text"), REQUIRED, ids=[path for path, _ in REQUIRED])
def test_what_a_table_cannot_do_without_is_missed(
    small: str,
    write: Callable[..., Path],
    faults: Callable[..., tuple[Fault, ...]],
    path: str,
    text: str,
) -> None:
    assert text in small
    found = [
        fault for fault in faults(write(small.replace(text, "", 1))) if fault.found == "is missing"
    ]
    assert [format_path(fault.path) for fault in found] == [path]


@pytest.mark.parametrize(
    "setting",
    ['run.title="a free text"', 'run.money="a free text"', f'{RECYCLING}.kind="a free text"'],
)
def test_texts_that_name_nothing_are_free(
    small: str, write: Callable[..., Path], setting: str
) -> None:
    assert load(write(small), [setting])
