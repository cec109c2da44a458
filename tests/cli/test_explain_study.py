"""`riskengine explain` of a mitigation study: one trial with nothing and with a portfolio."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report.story_worlds import HOSTILE, known_config

import riskengine
from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.config.toml.one_line import toml_text
from riskengine.reports.story.beside import SAME, Beside, beside_text, moments
from riskengine.reports.story.story import Event, Story, story

pytestmark = pytest.mark.whole

TRIALS = 80
MATERIAL, INDUSTRY = "gallium", "chips"


def call(*arguments: str) -> int:
    return exit_code(root, arguments)


def world(name: str = MATERIAL) -> dict[str, Any]:
    """Trials that differ, a stock and a plant that help, a rule and an option with a file."""
    config = known_config(name)
    config["run"] |= {"trials": TRIALS, "seed": 3}
    config["disputes"][name] |= {"active": {"level": "slow", "elapsed_days": 3}, "rate_per_year": 9}
    config["disputes"][name]["entry"] = {"slow": 0.5, "ban": 0.5}
    config["ladder"]["ban"]["sojourn"] = {"exponential": {"mean": 40}}
    config["ladder"]["slow"]["sojourn"] = {"exponential": {"mean": 20}}
    config["industries"]["cars"] = {
        "value_added_per_year": 900.0,
        "uses": {name: {"share": 0.0, "dependence": 0.1, "inventory_days": 20}},
    }
    quoted = json.dumps(name, ensure_ascii=False)
    config["mitigation"] = {
        "measure": "tvar",
        "level": 0.9,
        "options": {
            "stock": {"set": {f"materials.{quoted}.stocks.new": {"days": 30}}, "cost": 4.0},
            "plant": {
                "set": {f"materials.{quoted}.alternatives.new": {
                    "capacity": 0.5, "lead_time": 5, "lead_from": "start"}},
                "cost": 2.5,
            },
            "thrift": {"set": {"industries.cars.recapture": 0.5}, "cost": 1, "excludes": ["plant"]},
            "passed": {"set": {"propagation.file": "less.csv"}, "cost": 1},
        },
    }  # fmt: skip
    return config


def written(folder: Path, config: dict[str, Any]) -> str:
    (folder / "less.csv").write_text("from,to,coefficient\ncars,chips,0.1\n")
    path = folder / "study.toml"
    text = "".join(f"{key} = {toml_text(value)}\n" for key, value in config.items())
    path.write_text(text, encoding="utf-8")
    return str(path)


def bought(source: str, *options: str) -> Any:
    """The losses of a portfolio, from a config changed by hand."""
    config = world()
    given = config.pop("mitigation")["options"]
    changes = {p: v for name in options for p, v in given[name]["set"].items()}
    return riskengine.simulate(riskengine.load(config).with_values(changes)).arrays


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("study")
    riskengine.mitigate(written(place, world()), out=place / "study", threads=1)
    return place


@pytest.fixture
def folder(played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import shutil

    shutil.copytree(played / "study", tmp_path / "study")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "study"


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    found: dict[str, Any] = json.loads(capsys.readouterr().out, parse_constant=refuse)
    return found


@pytest.mark.parametrize(
    ("at", "rank"), [("var90", 72), ("VaR95", 76), ("median", 40), ("max", TRIALS)]
)
def test_the_trial_at_a_level_is_that_of_nothing_and_the_same_with_a_portfolio(
    folder: Path, capsys: pytest.CaptureFixture[str], at: str, rank: int
) -> None:
    assert call("explain", "study", "--at", at, "--with", "plant + stock", "--json") == 0
    found = document(capsys)
    losses = bought("").total
    standing = np.sort(losses)[rank - 1]
    assert found["losses"]["total"] == standing
    assert found["trial"] == np.flatnonzero(losses == standing)[0]
    assert found["with"]["losses"]["total"] == bought("", "stock", "plant").total[found["trial"]]
    assert found["with"]["trial"] == found["trial"]
    assert (found["portfolio"], found["cost"]) == ("stock + plant", 6.5)
    assert found["reason"].endswith("of the total loss with nothing bought")
    assert found["folder"] == str(folder)


def test_without_a_portfolio_the_trial_is_told_as_that_of_a_run(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = world()
    del config["mitigation"]
    scenario = riskengine.load(config)
    riskengine.simulate(scenario).save(tmp_path / "run")
    for arguments in (["--at", "max", "--industry", "cars"], ["--trial", "7"]):
        assert call("explain", "study", *arguments, "--json") == 0
        of_study = document(capsys)
        assert call("explain", "run", *arguments, "--json") == 0
        of_run = document(capsys)
        assert (of_study.pop("folder"), of_run.pop("folder")) == (
            str(folder),
            str(tmp_path / "run"),
        )
        reason = of_run.pop("reason")
        wanted = f"{reason} with nothing bought" if "--at" in arguments else ""
        assert of_study.pop("reason") == wanted
        assert of_study == of_run


@pytest.mark.parametrize("trial", range(0, TRIALS, 7))
def test_every_trial_can_be_told_with_every_portfolio(
    folder: Path, capsys: pytest.CaptureFixture[str], trial: int
) -> None:
    for names in ([], ["stock"], ["stock", "thrift"]):
        name = " + ".join(names) or "nothing"
        assert call("explain", "study", "--trial", str(trial), "--with", name, "--json") == 0
        found = document(capsys)
        assert found["losses"]["total"] == bought("").total[trial]
        assert found["with"]["losses"]["total"] == bought("", *names).total[trial]


def test_people_read_both_side_by_side(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("explain", "study", "--at", "max", "--with", "stock") == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    lines = shown.out.splitlines()
    nothing, held = bought("").total, bought("", "stock").total
    trial = int(np.argmax(nothing))
    assert lines[0] == "Known"
    assert lines[1] == f"Trial {trial}: largest of the total loss with nothing bought"
    assert lines[3].startswith("With stock, which costs")
    assert lines[3].endswith("less")
    assert max(map(len, lines[5:20])) <= 100
    heads = lines[6]
    assert heads.split("  ")[-1] == "With stock"
    column = heads.index("With stock")
    assert any(line[column:].startswith(SAME) for line in lines[7:])
    table = lines[lines.index("Loss by industry, EUR million") :]
    total = next(line for line in table if line.lstrip().startswith("Total"))
    figures = [float(cell.replace(",", "").replace("\u2212", "-")) for cell in total.split()[1:]]
    assert figures == pytest.approx(
        [nothing[trial], held[trial], held[trial] - nothing[trial]], rel=1e-4
    )
    assert " ".join(lines[-2:]).endswith("and so are those of stock.")


def test_a_portfolio_that_changes_nothing_in_the_trial_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("explain", "study", "--trial", "1", "--with", "nothing") == 0
    told = capsys.readouterr().out
    assert "the loss is the same" in told
    assert "With nothing, which costs" in told


def told_twice() -> Beside:
    config = world()
    del config["mitigation"]
    scenario = riskengine.load(config)
    other = scenario.with_values({f"materials.{MATERIAL}.stocks.new": {"days": 30}})
    first, second = (story(riskengine.replay(each, 4)) for each in (scenario, other))
    return Beside(nothing=first, bought=second, portfolio="stock", cost=4.0)


def test_every_sentence_of_both_stories_is_there_once_and_in_its_place() -> None:
    beside = told_twice()
    rows = moments(beside)
    assert [row.nothing for row in rows if row.nothing] == [e.text for e in beside.nothing.events]
    again = [row.nothing if row.bought == SAME else row.bought for row in rows if row.bought]
    assert again == [event.text for event in beside.bought.events]
    assert [row.day for row in rows] == sorted(row.day for row in rows)
    assert any(row.bought == SAME for row in rows)
    assert any(row.bought not in (SAME, "") for row in rows)


def test_the_two_columns_are_laid_out_as_by_hand() -> None:
    def told(*events: tuple[float, str]) -> Story:
        made = tuple(Event(day, None, "cut", text, ()) for day, text in events)
        return replace(told_twice().nothing, valuation_date=None, events=made)

    beside = Beside(
        nothing=told((3.0, "A cut of gallium and more"), (3.0, "Short"), (40.5, "갈륨 is short")),
        bought=told((3.0, "A cut of gallium and more"), (9.0, "Drawn on"), (40.5, "Whole")),
        portfolio="a + b",
        cost=1.0,
    )
    assert beside_text(beside, 60).splitlines() == [
        "            With nothing             With a + b",
        "  day 3     A cut of gallium and     the same",
        "              more",
        "            Short",
        "  day 9                              Drawn on",
        "  day 40.5  갈륨 is short            Whole",
    ]
    assert beside_text(replace(beside, nothing=told(), bought=told()), 60) == (
        "  Nothing happened: no dispute broke out."
    )


@pytest.mark.parametrize("width", [20, 60, 100, 120])
def test_the_columns_fit_a_screen(width: int) -> None:
    lines = beside_text(told_twice(), width).splitlines()
    longest = max(len(word) for line in lines for word in line.split())
    assert max(map(len, lines)) <= max(width, 60) + longest
    if width >= 100:
        assert max(map(len, lines)) <= width


def test_a_page_shows_both_and_needs_no_other_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("explain", "study", "--at", "max", "--with", "stock", "--html", "p.html") == 0
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    for words in ("With nothing", "With stock", "the same", "Loss by industry", "What happened"):
        assert words in page
    assert capsys.readouterr().out.splitlines()[-1] == "Page: p.html"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say which trial"),
        (["--trial", "1", "--industry", "chips"], "use them together"),
        (["--trial", str(TRIALS)], f"chose by trials 0 to {TRIALS - 1}"),
        (["--at", "var42"], "say var90, var95"),
        (["--at", "max", "--industry", "chip"], 'did you mean "chips"?'),
        (["--at", "max", "--with", "stok"], 'did you mean "stock"?'),
        (["--at", "max", "--with", "thrift + plant"], '"thrift" excludes "plant"'),
        (["--at", "max", "--with", "passed"], 'the option "passed" takes values from less.csv'),
        (["--at", "max", "--with", "stock + passed"], "run that, and explain the run"),
    ],
)
def test_a_wrong_question_exits_2(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert call("explain", "study", *arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "Traceback" not in shown.err


def test_a_run_has_no_portfolios(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = world()
    del config["mitigation"]
    riskengine.simulate(riskengine.load(config)).save(tmp_path / "run")
    assert call("explain", "run", "--at", "max", "--with", "stock") == 2
    assert "--with names a portfolio of a mitigation study" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m["config"]["industries"]["chips"].update(recapture=1e-15), "are not those"),
        (lambda m: m["config"]["mitigation"]["options"]["stock"]["set"].update(
            {"industries.chips.recapture": 0.25}), "of stock is"),
        (lambda m: (m.update(seed=4), m["config"]["run"].update(seed=4)), "are not those"),
        (lambda m: m.update(seed=4), "trials and seed are not those of its config"),
        (lambda m: m.update(trials=10**7), "trials and seed are not those of its config"),
        (lambda m: m.update(trials="many"), "trials is"),
        (lambda m: m.pop("config"), "config is missing"),
        (lambda m: m.update(config="/etc/hosts"), "config is"),
        (lambda m: m["config"].pop("mitigation"), "cannot be used any more"),
        (lambda m: m["config"]["mitigation"].update(options=3), "cannot be used any more"),
        (lambda m: m["config"]["mitigation"]["options"].update(stock=3), "cannot be used any more"),
        (lambda m: m["config"]["mitigation"]["options"]["stock"].update(set=3), "cannot be used"),
        (lambda m: m["config"].update(extends="x.toml"), "no file"),
        (lambda m: m["files"].pop("portfolios.csv"), "does not list portfolios.csv"),
        (lambda m: m.update(format_version=2), "has format version 2"),
    ],
)  # fmt: skip
def test_a_manifest_that_was_edited_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Any], object], words: str
) -> None:
    edit(folder, change)
    assert call("explain", "study", "--at", "max", "--with", "stock") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert words in shown.err
    assert "Traceback" not in shown.err


def test_a_file_named_by_an_edited_manifest_is_not_used(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text("days\n1\n2\n")
    sample = {"empirical": {"file": "x.csv", "column": "days"}}
    edit(folder, lambda m: m["config"]["ladder"]["ban"].update(sojourn=sample))
    assert call("explain", "study", "--at", "max") == 1
    assert "its config names a file, x.csv, and must not" in capsys.readouterr().err


def test_a_file_name_from_an_edited_manifest_does_not_control_a_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    escape = {"propagation.file": "\x1b[2J\u202eevil.csv"}
    edit(folder, lambda m: m["config"]["mitigation"]["options"]["passed"].update(set=escape))
    assert call("explain", "study", "--trial", "0", "--with", "passed") == 2
    said = capsys.readouterr().err
    assert "evil.csv" in said
    assert all(line.isprintable() for line in said.splitlines())


def rewrite(folder: Path, content: bytes) -> None:
    """Put another table into the folder, and its digest into the manifest."""
    (folder / "portfolios.csv").write_bytes(content)
    about = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    edit(folder, lambda m: m["files"].update({"portfolios.csv": about}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("TRUE", "perhaps"), "perhaps is not TRUE or FALSE"),
        (lambda text: text.replace("nothing", "nothin"), "no figures of nothing"),
        (lambda text: text.replace("portfolio,", "portfolios,", 1), "its columns are"),
        (lambda text: text.replace(",TRUE,", ",TRUE,1", 1), "of nothing is"),
    ],
)
def test_a_table_that_was_edited_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], change: Callable[[str], str], words: str
) -> None:
    before = (folder / "portfolios.csv").read_text(encoding="utf-8")
    rewrite(folder, change(before).encode())
    assert call("explain", "study", "--trial", "0") == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("name", ["portfolios.csv", "frontier.csv", "mitigation.html"])
def test_a_damaged_file_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (folder / name).write_bytes(b"x")
    assert call("explain", "study", "--trial", "0") == 1
    assert f"{name} is damaged" in capsys.readouterr().err


def test_a_portfolio_that_was_not_played_is_told_and_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (folder / "portfolios.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    rewrite(folder, "".join(line for line in lines if not line.startswith("stock,")).encode())
    assert call("explain", "study", "--trial", "0", "--with", "stock") == 0
    assert "it holds none of stock." in " ".join(capsys.readouterr().out.split())


def test_where_the_tail_alone_was_played_its_measures_are_compared(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (folder / "portfolios.csv").read_text(encoding="utf-8").splitlines()
    place = next(k for k, line in enumerate(lines) if line.startswith("stock,"))
    name, cost, feasible, _, var, tvar, _ = lines[place].split(",")
    for factor, code in ((1.0 + 1e-13, 0), (1.001, 1)):
        tail = repr(float(tvar) * factor)
        lines[place] = ",".join([name, cost, feasible, "", var, tail, ""])
        rewrite(folder, ("\n".join(lines) + "\n").encode())
        assert call("explain", "study", "--trial", "0", "--with", "stock") == code
    assert "tvar of stock is" in capsys.readouterr().err


def test_overrides_and_fixed_options_are_part_of_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = world()
    config["mitigation"]["options"]["thrift"]["fixed"] = True
    del config["mitigation"]["options"]["thrift"]["excludes"]
    del config["mitigation"]["options"]["passed"]
    source = written(tmp_path, config)
    changed = ("--set", "industries.chips.recapture=0.125", "--trials", "40")
    assert call("mitigate", source, *changed, "--quiet", "--out", "s") == 0
    capsys.readouterr()
    assert call("explain", "s", "--trial", "7", "--with", "stock", "--json") == 0
    found = document(capsys)
    given = config.pop("mitigation")["options"]
    changes = {"industries.cars.recapture": 0.5, "industries.chips.recapture": 0.125}
    scenario = riskengine.load(config).with_values(changes)
    assert found["losses"]["total"] == riskengine.replay(scenario, 7).total
    scenario = scenario.with_values(given["stock"]["set"])
    assert found["with"]["losses"]["total"] == riskengine.replay(scenario, 7).total


def test_a_fixed_option_with_a_file_can_not_be_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = world()
    config["mitigation"]["options"]["passed"]["fixed"] = True
    assert call("mitigate", written(tmp_path, config), "--quiet", "--out", "s") == 0
    assert call("explain", "s", "--trial", "7") == 2
    assert 'the option "passed" takes values from less.csv' in capsys.readouterr().err


def test_names_come_back_as_text_in_every_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = world(HOSTILE)
    del config["mitigation"]["options"]["passed"]
    option = config["mitigation"]["options"].pop("stock")
    config["mitigation"]["options"][HOSTILE] = option
    assert call("mitigate", written(tmp_path, config), "--quiet", "--out", "s") == 0
    capsys.readouterr()
    arguments = ("explain", "s", "--at", "max", "--with", HOSTILE)
    assert call(*arguments, "--html", "page.html") == 0
    shown = capsys.readouterr().out
    assert all(line.isprintable() for line in shown.splitlines())
    assert "<script>" not in Path("page.html").read_text(encoding="utf-8")
    assert call(*arguments, "--json") == 0
    assert document(capsys)["portfolio"] == HOSTILE
