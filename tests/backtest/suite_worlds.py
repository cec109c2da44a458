"""A small suite that every test changes in one place."""

from __future__ import annotations

from pathlib import Path

CONFIG = """\
[run]
title = "One metal"
horizon_days = 365
importer = "Japan"
money = "USD million"

[ladder.slow]
sojourn = { exponential = { mean = 40 } }
next = { resolved = 1.0 }
known_on = 2009-12-31

[ladder.stop]
sojourn = { exponential = { mean = 60 } }
next = { resolved = 0.5, slow = 0.5 }
known_on = 2009-12-31

[disputes.china-japan]
coercer = "China"
target = "Japan"
entry = { stop = 1.0 }
known_on = 2010-01-01

[materials.metal]
cut = { slow = 0.5, stop = 1.0 }
status = "assumption"
note = "by what the levels mean"

[tables]
sources = "tables/sources.csv"

[industries.motors]
value_added_per_year = 100
known_on = 2010-01-01

[industries.motors.uses.metal]
share = 1
dependence = 1
inventory_days = 30
status = "assumption"
note = "a month"
"""
SOURCES = "material,country,share,known_on,note\nmetal,China,0.9,2010-06-30,customs\n"
SUITE = """\
title = "Two stops"
trials = 400
seed = 3

[cases.stop]
title = "A stop"
as_of = 2010-09-21
config = "one.toml"
gdp = { value = 50_000, known_on = 2010-03-31, source = "accounts" }

[cases.stop.what_happened]
"disputes.china-japan.active" = { level = "stop", materials = ["metal"] }

[cases.stop.outcomes.back]
quantity = "material:metal:normal_day"
value = 90
unit = "days"
seen_on = 2011-01-06
source = "customs"
if_missed = "It came back in one go."

[cases.stop.outcomes.loss]
quantity = "industry:motors:first_loss_day"
none_seen_until_day = 100
unit = "days"
seen_on = 2011-01-06
source = "press"
if_missed = "Stocks were larger."

[cases.threat]
title = "A threat"
as_of = 2010-09-21
config = "one.toml"

[cases.threat.outcomes.cut]
quantity = "material:metal:cut_days"
value = 0
unit = "days"
seen_on = 2011-01-06
source = "press"
if_missed = "It was carried out."

[cases.estimate]
title = "As published"
as_of = 2010-09-21
config = "one.toml"
gdp = { value = 50_000 }

[cases.estimate.what_happened]
"disputes.china-japan.active" = { level = "stop" }

[cases.estimate.supposed]
"ladder.stop.sojourn" = 400

[cases.estimate.outcomes.bank]
quantity = "share_of_gdp"
value = 0.002
unit = "share of GDP"
kind = "published"
seen_on = 2009-01-01
source = "a bank"
if_missed = "The bank counts more."
"""


def write_suite(
    folder: Path, suite: str = SUITE, config: str = CONFIG, sources: str = SOURCES
) -> Path:
    """The files of a suite; returns the path of the suite itself."""
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "tables" / "sources.csv").write_text(sources, encoding="utf-8")
    (folder / "one.toml").write_text(config, encoding="utf-8")
    path = folder / "two-stops.toml"
    path.write_text(suite, encoding="utf-8")
    return path
