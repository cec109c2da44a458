"""Batch files, folders and lists of configs: what is read, and every fault at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskengine.batches.reading import read_batch
from riskengine.errors import ConfigFault, Fault, UsageFault

MINIMAL = (Path(__file__).parents[2] / "configs" / "minimal.toml").read_bytes()
TWO = """[batch]
title = "Month-end"
reference = "base"
[batch.scenarios.base]
config = "minimal.toml"
[batch.scenarios.more]
config = "below/other.toml"
set = { "materials.ndfeb-magnets.stocks.private.days" = 90, "run.trials" = 7 }
note = "what if"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "below").mkdir()
    (tmp_path / "minimal.toml").write_bytes(MINIMAL)
    (tmp_path / "below" / "other.toml").write_bytes(MINIMAL)
    return tmp_path


def _written(folder: Path, text: str) -> str:
    path = folder / "batch.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def _faults(folder: Path, text: str) -> tuple[Fault, ...]:
    with pytest.raises(ConfigFault) as caught:
        read_batch([_written(folder, text)])
    return caught.value.faults


def _weighted(*weights: str) -> str:
    return "[batch]\n" + "".join(
        f'[batch.scenarios.s{number}]\nconfig = "minimal.toml"\n{weight}\n'
        for number, weight in enumerate(weights)
    )


def test_a_batch_file_names_scenarios_and_what_they_change(folder: Path) -> None:
    batch = read_batch([_written(folder, TWO)])
    base, more = batch.members
    assert (batch.title, batch.stem, batch.reference) == ("Month-end", "batch", "base")
    assert (base.name, base.config, base.shown) == (
        "base",
        str(folder / "minimal.toml"),
        "minimal.toml",
    )
    assert more.config == str(folder / "below" / "other.toml")
    assert more.overrides == ("materials.ndfeb-magnets.stocks.private.days=90", "run.trials=7")
    assert (more.note, more.weight) == ("what if", None)
    assert not batch.is_weighted


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("title =", "titel =", 2, 'did you mean "title"?'),
        ('"base"\n', '"bse"\n', 3, 'did you mean "base"?'),
        ('"minimal.toml"', '"minmal.toml"', 5, 'did you mean "minimal.toml"?'),
        ('"minimal.toml"', '"../minimal.toml"', 5, "leaves the folder"),
        ('"minimal.toml"', '"/etc/passwd"', 5, "is not a relative path"),
        ('"minimal.toml"', "7", 5, "is 7"),
        ('"run.trials" =', '"run trials." =', 8, "is no path of a config"),
        ("set = {", "weight = 0.5\nset = {", 4, "is missing, and other scenarios have one"),
        ('reference = "base"', 'previous = "/var/old"', 3, "is not a relative path"),
        ('reference = "base"', 'previous = "c:/old"', 3, "is not a relative path"),
        ("[batch.scenarios.more]", '[batch.scenarios."../more"]', 6, 'it holds "/"'),
        ("[batch.scenarios.more]", "[batch.scenarios.Base]", 6, "look alike"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(
    folder: Path, old: str, new: str, place: int, words: str
) -> None:
    (fault,) = _faults(folder, TWO.replace(old, new))
    assert (Path(fault.file).name, fault.line) == ("batch.toml", place)
    assert words in f"{fault.found} {fault.allowed} {fault.hint}"


def test_a_misspelt_key_is_named_and_so_is_the_missing_one(folder: Path) -> None:
    missing, misspelt = _faults(folder, TWO.replace('config = "min', 'confg = "min'))
    assert (missing.path[-1], missing.line, missing.found) == ("config", 4, "is missing")
    assert (misspelt.path[-1], misspelt.line) == ("confg", 5)
    assert misspelt.hint == 'did you mean "config"?'


def test_everything_that_is_wrong_is_said_at_once(folder: Path) -> None:
    text = TWO.replace("title", "titel").replace('"minimal.toml"', '"minmal.toml"')
    found = _faults(folder, text.replace('reference = "base"', 'reference = "bse"'))
    assert [fault.line for fault in found] == [2, 3, 5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[batch]\n", "is missing"),
        ("[batch]\n[batch.scenarios]\n", "is empty"),
        ("[batch]\nscenarios = 3\n", "is 3"),
        ("batch = 3\n", "is 3"),
        ("[batch\n", ""),
        (TWO + "[run]\ntrials = 3\n", "is no known key"),
    ],
)
def test_a_file_that_is_no_batch_is_refused(folder: Path, text: str, words: str) -> None:
    assert any(words in fault.found for fault in _faults(folder, text))


def test_no_link_leads_out_of_the_folder_of_the_batch(folder: Path, tmp_path_factory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret.toml"
    elsewhere.write_bytes(MINIMAL)
    (folder / "link.toml").symlink_to(elsewhere)
    (fault,) = _faults(folder, TWO.replace('"minimal.toml"', '"link.toml"'))
    assert "leaves the folder" in fault.found


def test_one_scenario_is_a_batch_and_none_is_not(folder: Path) -> None:
    one = '[batch]\n[batch.scenarios.only]\nconfig = "minimal.toml"\n'
    assert [each.name for each in read_batch([_written(folder, one)]).members] == ["only"]
    (fault,) = _faults(folder, "[batch]\n[batch.scenarios]\n")
    assert fault.path == ("batch", "scenarios")


def test_weights_that_add_up_to_1_within_a_billionth_are_a_mixture(folder: Path) -> None:
    tenths = ["weight = 0.1"] * 10  # floats whose plain sum is 0.9999999999999999
    for weights in (tenths, ["weight = 0.3", "weight = 0.7000000009"]):
        batch = read_batch([_written(folder, _weighted(*weights))])
        assert batch.is_weighted
    assert [member.weight for member in batch.members] == [0.3, 0.7000000009]


@pytest.mark.parametrize(
    ("weights", "line", "words"),
    [
        (["weight = 0.3", "weight = 0.7000000011"], 7, "add up to 1.0000000011"),
        (["weight = 0.3", "weight = 0.3"], 7, "add up to 0.6"),
        (["weight = 0", "weight = 1"], 4, "is 0"),
        (["weight = -0.5", "weight = 1"], 4, "is -0.5"),
        (["weight = 30", "weight = 0.7"], 4, "is 30"),
        (["weight = nan", "weight = 0.7"], 4, "nan"),
        (['weight = "half"', "weight = 0.5"], 4, "half"),
    ],
)
def test_weights_that_are_no_chances_of_a_mixture_are_refused(
    folder: Path, weights: list[str], line: int, words: str
) -> None:
    (fault,) = _faults(folder, _weighted(*weights))
    assert fault.line == line
    assert words in fault.found


def test_each_scenario_without_a_weight_is_named(folder: Path) -> None:
    found = _faults(folder, _weighted("weight = 1", "", ""))
    assert [fault.path[2] for fault in found] == ["s1", "s2"]


def test_a_folder_gives_its_whole_configs_and_neither_fragments_nor_batches(folder: Path) -> None:
    _written(folder, TWO)
    (folder / "fragment.toml").write_text("[run]\ntrials = 3\n", encoding="utf-8")
    (folder / "extending.toml").write_text('extends = "minimal.toml"\n', encoding="utf-8")
    (folder / "broken.toml").write_text("[run\n", encoding="utf-8")
    (folder / ".hidden.toml").write_bytes(MINIMAL)
    (folder / "notes.txt").write_bytes(MINIMAL)
    batch = read_batch([str(folder)])
    assert [member.name for member in batch.members] == ["broken", "extending", "minimal"]
    assert [member.shown for member in batch.members][1:] == ["extending.toml", "minimal.toml"]


def test_a_folder_without_configs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="holds no config"):
        read_batch([str(tmp_path)])


def test_configs_are_called_like_their_files(folder: Path) -> None:
    batch = read_batch([str(folder / "minimal.toml"), str(folder / "below" / "other.toml")])
    assert [member.name for member in batch.members] == ["minimal", "other"]
    assert batch.stem == "minimal-and-1-more"


@pytest.mark.parametrize("second", ["below/minimal.toml", "minimal.toml", "below/MINIMAL.toml"])
def test_two_configs_of_one_name_are_refused(folder: Path, second: str) -> None:
    (folder / second).write_bytes(MINIMAL)
    with pytest.raises(ConfigFault) as caught:
        read_batch([str(folder / "minimal.toml"), str(folder / second)])
    assert len(caught.value.faults) == 1


def test_a_batch_file_or_a_folder_stands_alone(folder: Path) -> None:
    path = _written(folder, TWO)
    for alone in (path, str(folder)):
        with pytest.raises(UsageFault, match="play it alone"):
            read_batch([str(folder / "minimal.toml"), alone])
    with pytest.raises(UsageFault, match="nothing to play"):
        read_batch([])
