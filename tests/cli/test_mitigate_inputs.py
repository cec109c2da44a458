"""`riskengine mitigate` of configs that are wrong, or ask for what cannot be had: how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskengine.cli import root
from riskengine.cli.exits import exit_code

ROOT = Path(__file__).parents[2]
DAYS = "materials.ndfeb-magnets.stocks.private.days"
OPTION = f'[mitigation.options.stock]\nset = {{ "{DAYS}" = 90 }}\ncost = 5\n'
HEAD = '[mitigation]\nmeasure = "mean"\nbudgets = [10]\n'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    minimal = (ROOT / "configs" / "minimal.toml").read_text("utf-8")
    (tmp_path / "minimal.toml").write_text(minimal.replace("20_000", "200"), "utf-8")


def call(text: str, *arguments: str) -> int:
    Path("bought.toml").write_text('extends = "minimal.toml"\n' + text, "utf-8")
    return exit_code(root, ["mitigate", "bought.toml", "--quiet", "--threads", "1", *arguments])


def line_of(text: str, part: str) -> int:
    """The line of the config on which some text stands."""
    lines = ['extends = "minimal.toml"', *text.splitlines()]
    return next(number for number, line in enumerate(lines, start=1) if part in line)


OTHER = f'[mitigation.options.other]\nset = {{ "{DAYS}" = 60 }}\ncost = 4\n'
CIRCLE = """[mitigation.options.one]
cost = 1
requires = ["two"]
[mitigation.options.two]
cost = 1
requires = ["one"]
"""
RANGE = f"""[mitigation.ranges.many]
path = "{DAYS}"
low = 0
high = 1000000
step = 1
cost_per_unit = 1
"""
MANY = "".join(f"[mitigation.options.o{n}]\ncost = 1\n" for n in range(200))

BAD = {
    "negative cost": (HEAD + OPTION.replace("5", "-5"), "cost = -5", ["is -5", "at least 0"]),
    "unknown path": (
        HEAD + OPTION.replace("private", "privat"),
        "privat",
        ['no "privat"', "allowed: one of: private"],
    ),
    "conflicting sets": (
        HEAD + OPTION + OTHER,
        "= 60",
        ["stock", "common group", "exclude"],
    ),
    "circle": (HEAD + CIRCLE, 'requires = ["two"]', ["requires itself", '"one" -> "two" -> "one"']),
    "every budget too small": (
        HEAD.replace("[10]", "[1, 4]") + OPTION,
        "budgets = ",
        ["cheapest", "5"],
    ),
    "200 options": (HEAD + MANY, "o0", ["200 options", "at most 100", "leave out or join some"]),
    "a million steps": (
        HEAD + RANGE,
        "step = 1",
        ["1,000,001 steps", "at most 1,000", "take a larger step"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_config_that_is_wrong_ends_with_2_its_line_and_a_remedy(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text, part, words = BAD[name]
    assert call(text) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"bought.toml:{line_of(text, part)}: " in shown.err
    assert "allowed:" in shown.err
    assert "nothing was run" in shown.err
    for word in words:
        assert word in shown.err
    assert not Path("results").exists()


@pytest.mark.whole
def test_limits_that_nothing_keeps_are_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD + 'limits = { "mean" = 0.001 }\n' + OPTION
    Path("bought.toml").write_text('extends = "minimal.toml"\n' + text, "utf-8")
    assert exit_code(root, ["mitigate", "bought.toml", "--threads", "1"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert (
        "No portfolio for 10 USD million keeps every limit. The nearest is stock: mean is" in words
    )
    frontier = Path("results/bought-mitigation/frontier.csv").read_text("utf-8").splitlines()
    assert frontier[1].startswith("10.0,,")


@pytest.mark.whole
def test_one_budget_below_everything_buys_nothing_and_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = HEAD.replace("[10]", "[2, 10]") + OPTION
    Path("bought.toml").write_text('extends = "minimal.toml"\n' + text, "utf-8")
    assert exit_code(root, ["mitigate", "bought.toml", "--threads", "1"]) == 0
    shown = capsys.readouterr()
    words = " ".join((shown.out + shown.err).split())
    assert "A budget of 2 USD million is below the cheapest option, which costs 5." in words
    rows = Path("results/bought-mitigation/frontier.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == ["nothing", "stock"]


@pytest.mark.whole
def test_a_folder_of_another_study_in_progress_ends_with_2_and_the_choice(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from riskengine.store.mitigation import MitigationWork

    keep = MitigationWork.keep

    def stop(work: MitigationWork, name: str, result: object) -> None:
        keep(work, name, result)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(MitigationWork, "keep", stop)
        assert call(HEAD + OPTION) == 130
    assert "Kept: 1 block of portfolios and worlds that are played" in capsys.readouterr().err
    assert call(HEAD + OPTION.replace("90", "91")) == 2
    assert "--restart" in capsys.readouterr().err
    assert call(HEAD + OPTION.replace("90", "91"), "--restart") == 0
