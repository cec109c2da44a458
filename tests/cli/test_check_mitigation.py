"""`riskengine check` of a config with `[mitigation]`: what is shown, and every fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from riskengine.cli import root
from riskengine.errors import ConfigFault

ROOT = Path(__file__).parents[2]
DAYS = "materials.ndfeb-magnets.stocks.private.days"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    text = (ROOT / "configs" / "minimal.toml").read_text("utf-8")
    text += f"""
[mitigation]
measure = "tvar"
budgets = [1, 5, 20]
limits = {{ "mean" = 100 }}
[mitigation.options.stock]
set = {{ "{DAYS}" = 90 }}
cost = 5
[mitigation.options.rule]
set = {{ "correlation.duration" = 0 }}
fixed = true
[mitigation.options.plant]
add = {{ "{DAYS}" = 5 }}
cost = 16
"""
    path = tmp_path / "bought.toml"
    path.write_text(text, "utf-8")
    return path


def test_options_budgets_and_portfolios_are_counted(config: Path) -> None:
    done = CliRunner().invoke(root, ["check", str(config)])
    assert done.exit_code == 0
    words = " ".join(done.output.split())
    # nothing, either option alone; both cost 21
    assert (
        "Mitigation: 3 options (1 of them fixed), 3 budgets of USD million 1 to 20, 1 limit; "
        "3 portfolios that can be bought, the empty one included"
    ) in words
    assert (
        "Budgets that buy nothing, because the cheapest option costs 5 (USD million): 1." in words
    )


def test_the_document_has_options_with_their_costs(config: Path) -> None:
    done = CliRunner().invoke(root, ["check", str(config), "--json"])
    found = json.loads(done.output)["mitigation"]
    assert found["portfolios"] == 3
    assert found["more_portfolios"] is False
    assert found["budgets"] == [1, 5, 20]
    assert found["worlds"] == 0
    assert found["options"] == [
        {"option": "stock", "cost": 5, "fixed": False},
        {"option": "rule", "cost": 0, "fixed": True},
        {"option": "plant", "cost": 16, "fixed": False},
    ]


def test_without_budgets_the_whole_frontier_is_named(config: Path) -> None:
    text = config.read_text("utf-8").replace("budgets = [1, 5, 20]\n", "")
    config.write_text(text, "utf-8")
    done = CliRunner().invoke(root, ["check", str(config)])
    assert "the whole frontier, 1 limit; 4 portfolios" in " ".join(done.output.split())


def test_very_many_portfolios_are_not_counted_to_the_end(config: Path) -> None:
    more = "".join(f"[mitigation.options.o{n}]\ncost = 0\n" for n in range(17))
    config.write_text(config.read_text("utf-8") + more, "utf-8")
    done = CliRunner().invoke(root, ["check", str(config)])
    assert "more than 65,536 portfolios" in " ".join(done.output.split())


def test_faults_of_the_mitigation_end_with_2(config: Path) -> None:
    text = config.read_text("utf-8").replace("cost = 16", "cost = -16")
    config.write_text(text, "utf-8")
    done = CliRunner().invoke(root, ["check", str(config)])
    assert done.exit_code != 0
    assert isinstance(done.exception, ConfigFault)
    assert done.exception.exit_code == 2
    assert "mitigation.options.plant.cost: is -16" in str(done.exception)
