"""What a config becomes: values, defaults, the resolved document, the list of files."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import sys
import time
import tomllib
import unicodedata
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from riskengine.config import load
from riskengine.config.schema import check
from riskengine.config.sources.names import normalise
from riskengine.errors import ConfigFault, Fault
from riskengine.model.distributions import Distribution, constant
from riskengine.model.scenario import Correlation, LevelOverride, Scenario


def same(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios are equal, whatever files they came from."""
    return dataclasses.replace(one, files=other.files, stem=other.stem) == other


@pytest.fixture
def document(small: str) -> dict[str, Any]:
    return tomllib.loads(small)


def test_values_arrive_where_the_model_expects_them(small: str, write: Callable[..., Path]) -> None:
    scenario = load(write(small))

    gallium = scenario.materials["gallium"]
    assert scenario.run.trials == 1000
    assert scenario.run.valuation_date == "2026-01-08"
    assert gallium.importer == "Korea"
    assert gallium.cut["licensing"] == constant(0.3)
    assert gallium.sources["Vietnam"].boycott_cut == constant(0.6)
    assert gallium.ladder["full-ban"].next is None
    assert scenario.disputes["china-korea"].active is None
    assert scenario.disputes["china-japan"].active.elapsed_days == 2.0
    assert list(scenario.ladder) == ["licensing", "full-ban"]
    assert scenario.triggers["spillover"].lag == Distribution(
        family="exponential", parameters=(45.0,)
    )


def test_what_is_left_out_has_its_default(document: dict[str, Any]) -> None:
    document.pop("run")
    document.pop("correlation")
    document["materials"]["gallium"] = {"importer": "Korea", "sources": {"China": {"share": 1}}}
    document["industries"]["chips"] = {
        "importer": "Korea",
        "value_added_per_year": 5,
        "uses": {"gallium": {"share": 1, "dependence": 1}},
    }

    scenario = load(document)

    levels = (0.9, 0.95, 0.99, 0.995)
    world = ("", 100_000, 1, 365.0, None, "money", None, levels)
    assert dataclasses.astuple(scenario.run) == (*world, (), "random", 0.0, False, None)
    assert scenario.correlation == Correlation()
    gallium = scenario.materials["gallium"]
    assert (gallium.coverage, gallium.price_cap, gallium.refill_rate) == (1.0, 10.0, 0.0)
    assert (gallium.price_elasticity, gallium.allocation) == (None, "proportional")
    assert (gallium.cut, gallium.stocks, gallium.ladder) == ({}, {}, {})
    assert gallium.sources["China"].boycott_cut == constant(0.0)
    assert scenario.industries["chips"].combine == "bottleneck"
    assert scenario.industries["chips"].uses["gallium"].priority == 0.0


def test_the_smallest_config_has_the_defaults_that_are_documented() -> None:
    """Each figure is that of docs/config.md."""
    levels = {"ban": {"sojourn": 9, "next": {"resolved": 1}}}
    disputes = {name: {"coercer": name, "target": "X", "entry": {"ban": 1}} for name in "AB"}
    found = load({
        "ladder": levels,
        "disputes": disputes,
        "triggers": {"t": {"when": "A", "reaches": "ban", "starts": "B"}},
        "materials": {"m": {
            "importer": "X",
            "sources": {"A": {"share": 0.5}},
            "alternatives": {"a": {"capacity": 0.1, "lead_time": 9}},
            "stocks": {"s": {"days": 9}},
        }},
        "industries": {"i": {
            "importer": "X", "value_added_per_year": 5,
            "uses": {"m": {"share": 1, "dependence": 1}},
        }},
    }).document  # fmt: skip

    assert found["ladder"]["ban"] == levels["ban"] | {"boycott": False}
    for dispute in found["disputes"].values():
        assert dispute["rate_per_year"] == 0.0
    trigger = found["triggers"]["t"]
    assert (trigger["probability"], trigger["lag"]) == (1.0, 0.0)
    assert found["correlation"] == dict.fromkeys(
        ("coverage", "duration", "escalation", "severity", "rerouting"), 0.0
    )
    material = found["materials"]["m"]
    assert material.pop("sources") == {"A": {"share": 0.5, "boycott_cut": 0.0}}
    assert material.pop("alternatives") == {"a": {
        "capacity": 0.1, "lead_time": 9, "kind": "", "probability": 1.0, "ramp_days": 0.0,
        "lead_from": "first-cut", "ramp_steps": 4, "premium": 0.0, "boycott_cut": 0.0,
        "precedence": 0.0,
    }}  # fmt: skip
    assert material.pop("stocks") == {
        "s": {"days": 9, "release_lag_days": 0.0, "max_release": 1.0, "build_rate": 0.0}
    }
    assert material == {
        "importer": "X", "spend_per_year": 0.0, "coverage": 1.0, "cut": {}, "price_cap": 10.0,
        "refill_rate": 0.0, "allocation": "proportional", "ladder": {},
    }  # fmt: skip
    assert found["industries"]["i"] == {
        "importer": "X", "value_added_per_year": 5, "combine": "bottleneck",
        "min_operating_rate": 0.0, "recapture": 0.0,
        "uses": {"m": {
            "share": 1, "dependence": 1, "inventory_days": 0.0, "substitution_share": 0.0,
            "substitution_lag_days": 0.0, "priority": 0.0,
        }},
    }  # fmt: skip
    assert found["run"] == {
        "title": "", "trials": 100_000, "seed": 1, "horizon_days": 365.0, "money": "money",
        "levels": [0.9, 0.95, 0.99, 0.995], "sampling": "random", "given_onset": False, "tilt": 0.0,
    }  # fmt: skip
    assert found["pools"] == {}
    assert found["propagation"] == {"coefficients": {}}


def test_a_path_and_a_dict_give_the_same_scenario(
    small: str, write: Callable[..., Path], document: dict[str, Any]
) -> None:
    assert same(load(write(small)), load(document))


def test_the_resolved_document_survives_json_and_loads_to_an_equal_scenario(
    small: str, write: Callable[..., Path]
) -> None:
    scenario = load(write(small + "[propagation]\ncoefficients = { chips = { chips = 0.2 } }\n"))

    again = load(json.loads(json.dumps(scenario.document, allow_nan=False)))

    assert same(again, scenario)


def test_the_resolved_document_holds_every_default_and_keeps_notes(
    small: str, write: Callable[..., Path]
) -> None:
    found = load(write(small)).document

    assert found["materials"]["gallium"]["price_cap"] == 10.0
    assert found["materials"]["gallium"]["note"] == "figures of 2025"
    assert found["materials"]["gallium"]["importer"] == "Korea"
    assert found["run"]["valuation_date"] == "2026-01-08"
    assert found["propagation"] == {"coefficients": {}}
    assert not {"tables", "extends"} & set(found)


def test_the_table_of_a_sweep_is_kept_as_it_is(document: dict[str, Any]) -> None:
    document["sweep"] = {"method": "sobol", "parameters": {"run.horizon_days": [1, 2]}}

    found = load(document).document

    assert found["sweep"] == document["sweep"]


def test_notes_may_stand_in_any_table(document: dict[str, Any]) -> None:
    for table in (
        document, document["run"], document["materials"], document["materials"]["gallium"]["cut"],
        document["ladder"]["licensing"]["sojourn"], document["triggers"]["spillover"],
    ):  # fmt: skip
        table["note"] = "line 1\nline 2"
        table["status"] = "draft"

    scenario = load(document)

    assert list(scenario.materials) == ["gallium"]
    assert scenario.document["materials"]["gallium"]["cut"]["note"] == "line 1\nline 2"


def test_the_order_of_names_is_the_order_of_the_config(document: dict[str, Any]) -> None:
    gallium = document["materials"].pop("gallium")
    document["materials"] = {"zinc": gallium, "gallium": gallium, "antimony": gallium}

    assert list(load(document).materials) == ["zinc", "gallium", "antimony"]


def test_the_day_from_which_values_were_known_may_stand_wherever_a_note_may(
    small: str, write: Callable[..., Path]
) -> None:
    dated = small.replace("days = 60", "days = 60\nknown_on = 2025-04-07")
    write("material,country,share,known_on\ngallium,Laos,0.01,2024-12-31\n", "sources.csv")
    scenario = load(write(dated + '[tables]\nsources = "sources.csv"\n'))
    gallium = scenario.document["materials"]["gallium"]
    assert gallium["stocks"]["public"]["known_on"] == "2025-04-07"
    assert gallium["sources"]["Laos"]["known_on"] == "2024-12-31"
    assert same(load(scenario.document), scenario)


def test_a_day_of_knowledge_that_is_no_date_is_a_fault(
    small: str, write: Callable[..., Path], faults: Callable[..., tuple[Fault, ...]]
) -> None:
    write("material,country,share,known_on\ngallium,Laos,0.01,spring 2024\n", "sources.csv")
    dated = small.replace("days = 60", 'days = 60\nknown_on = "April"')
    found = faults(write(dated + '[tables]\nsources = "sources.csv"\n'))
    assert [(fault.line, fault.cell) for fault in found] == [(64, ""), (0, "D2")]


@pytest.mark.parametrize(
    "name", ["갈륨", "rare.earths", 'say "x"', "⚡🔋", "x" * 300, "a b", "note"]
)
def test_any_readable_text_may_be_a_name(document: dict[str, Any], name: str) -> None:
    document["materials"][name] = document["materials"].pop("gallium")
    document["industries"]["chips"]["uses"][name] = {"share": 0.5, "dependence": 0.5}
    del document["industries"]["chips"]["uses"]["gallium"]

    scenario = load(document)

    assert list(scenario.materials) == [name]
    assert same(load(scenario.document), scenario)


@pytest.mark.parametrize("name", ["", " ", "a\x1bb", "a\nb", "a\x00", "\ud800", "\x85"])
def test_names_that_would_break_a_message_are_refused(
    document: dict[str, Any], faults: Callable[..., tuple[Fault, ...]], name: str
) -> None:
    document["materials"][name] = document["materials"]["gallium"]

    found = faults(document)

    assert found[0].path == ("materials", name)
    assert not set("\x1b\x00\x85\ud800") & set(found[0].found)


def test_composed_and_decomposed_names_are_one_name(small: str, write: Callable[..., Path]) -> None:
    text = small.replace("gallium", '"갈륨"').replace('"China"', '"Chiné"')
    text = text.replace("China = {", '"Chiné" = {')

    composed = load(write(unicodedata.normalize("NFC", text)))
    decomposed = load(write(unicodedata.normalize("NFD", text), "other.toml"))

    assert composed.concerned("china-korea") == [unicodedata.normalize("NFC", "갈륨")]
    assert same(decomposed, composed)


def test_two_spellings_of_one_name_are_a_fault(
    document: dict[str, Any], faults: Callable[..., tuple[Fault, ...]]
) -> None:
    for form in ("NFC", "NFD"):
        document["materials"][unicodedata.normalize(form, "갈륨")] = {}

    assert "normal form" in faults(document)[0].found


def test_negative_zero_becomes_zero(document: dict[str, Any]) -> None:
    document["materials"]["gallium"]["spend_per_year"] = -0.0

    scenario = load(document)

    assert str(scenario.materials["gallium"].spend_per_year) == "0.0"
    assert str(scenario.document["materials"]["gallium"]["spend_per_year"]) == "0.0"


@pytest.mark.costly
def test_the_members_of_a_collection_are_counted_to_the_last(
    document: dict[str, Any],
    faults: Callable[..., tuple[Fault, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hundred thousand; no collection of the small config has more than two."""
    document["disputes"] = {f"d{number}": {} for number in range(100_001)}
    fault = next(fault for fault in faults(document) if fault.path == ("disputes",))
    assert (fault.found, fault.allowed) == ("has 100,001 entries", "at most 100,000")

    document["disputes"] = {f"d{number}": {} for number in range(3)}
    monkeypatch.setattr(check, "MOST_MEMBERS", 2)
    found = [fault for fault in faults(document) if "entries" in fault.found]
    assert [(fault.path, fault.found) for fault in found] == [(("disputes",), "has 3 entries")]


def test_array_scalars_and_tuples_are_read_as_plain_values(document: dict[str, Any]) -> None:
    document["run"]["trials"] = np.int64(5)
    document["run"]["horizon_days"] = np.float64(30.0)
    document["ladder"]["licensing"]["sojourn"] = {"empirical": {"values": np.array([3.0, 1.0])}}
    document["disputes"]["china-korea"]["active"] = {
        "level": "licensing",
        "materials": ("gallium",),
    }

    scenario = load(document)

    assert scenario.run.trials == 5
    assert scenario.ladder["licensing"].sojourn.values == (1.0, 3.0)
    assert scenario.disputes["china-korea"].active.materials == ("gallium",)
    json.dumps(scenario.document, allow_nan=False)


def test_none_in_a_dict_means_left_out(document: dict[str, Any]) -> None:
    document["materials"]["gallium"]["price_elasticity"] = None

    assert load(document).materials["gallium"].price_elasticity is None


def test_the_caller_s_dict_is_left_alone(document: dict[str, Any]) -> None:
    before = json.dumps(document, default=str)

    load(document, ["materials.gallium.coverage=0.5"])

    assert json.dumps(document, default=str) == before


def test_every_file_read_is_listed_with_its_hash(small: str, write: Callable[..., Path]) -> None:
    path = write(small)

    assert load(path).files == (("small.toml", hashlib.sha256(small.encode()).hexdigest()),)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("korea 2026.toml", "korea-2026"),
        ("한국.toml", "한국"),
        ("..x.toml", "x"),
        ("-rf.toml", "rf"),
        ("CON.toml", "scenario-CON"),
        ("a" * 200 + ".toml", "a" * 120),
    ],
)
def test_the_stem_is_fit_for_a_folder(
    small: str, write: Callable[..., Path], name: str, stem: str
) -> None:
    assert load(write(small, name)).stem == stem


def test_an_override_of_a_level_may_change_only_its_next(document: dict[str, Any]) -> None:
    document["materials"]["gallium"]["ladder"] = {"full-ban": {"next": {"resolved": 1}}}

    override = load(document).materials["gallium"].ladder["full-ban"]

    assert override == LevelOverride(next={"resolved": 1.0})


@pytest.mark.processes
def test_reading_a_config_loads_no_numerical_library(
    small: str, write: Callable[..., Path]
) -> None:
    code = (
        "import sys, riskengine.config as c; c.load(sys.argv[1]);"
        "print([m for m in ('numpy', 'scipy', 'pandas', 'numba') if m in sys.modules])"
    )
    simple = small.replace("beta = { mean = 0.8, sd = 0.1 }", "uniform = { low = 0, high = 1 }")

    done = subprocess.run(
        [sys.executable, "-c", code, write(simple)], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python some work runs, each turn of a loop counted: the same every time."""
    count = 0

    def heard(_: FrameType, event: str, __: object) -> Callable[..., object]:
        nonlocal count
        count += event == "line"
        return heard

    before = sys.gettrace()
    sys.settrace(heard)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.costly
def test_the_work_of_reading_grows_in_proportion_to_the_config(document: dict[str, Any]) -> None:
    """Of work a + b n + c n^2 the second doubling adds 2 b n + 12 c n^2, the first b n + 3 c n^2:
    twice as much if c is 0, and nearly four times where the square of n decides."""

    def work(count: int) -> int:
        gallium = document["materials"]["gallium"]
        big = document | {"materials": {f"m{number}": gallium for number in range(count)}}
        big["industries"] = {
            f"i{number}": {
                "value_added_per_year": 1,
                "uses": {f"m{number}": {"share": 0.5, "dependence": 1}},
            }
            for number in range(count)
        }
        return lines_run(lambda: load(big))

    work(3)  # what is done once in a process
    once, twice, four_times = (work(count) for count in (60, 120, 240))
    assert four_times - twice <= 2.01 * (twice - once)


@pytest.mark.costly
def test_thousands_of_faults_are_all_found_and_fifty_are_shown(
    document: dict[str, Any], faults: Callable[..., tuple[Fault, ...]]
) -> None:
    start = time.process_time()
    for number in range(5000):
        document["industries"]["chips"]["uses"][f"galium{number}"] = {"share": 0, "dependence": 2}

    found = faults(document)

    assert len(found) == 10_000
    assert time.process_time() - start < 30.0


HIDDEN = {
    "zero width space": "\u200b",
    "joiner between Latin letters": "\u200d",
    "word joiner": "\u2060",
    "byte-order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "mark of direction": "\u200f",
    "Hangul filler": "\u3164",
    "combining joiner": "\u034f",
    "variation selector after a letter": "\ufe0f",
    "line separator": "\u2028",
    "tag": "\U000e0041",
    "control character": "\u0007",
    "C1 control character": "\u0085",
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=list(HIDDEN))
@pytest.mark.parametrize("place", ["key", "value", "table"])
def test_a_name_with_something_that_cannot_be_seen_is_refused(
    small: str,
    write: Callable[..., Path],
    faults: Callable[..., tuple[Fault, ...]],
    hidden: str,
    place: str,
) -> None:
    escaped = "".join(f"\\U{ord(c):08x}" for c in hidden)
    text = small
    if place == "key":
        text = small.replace(
            "[materials.gallium.stocks.public]", f'[materials.gallium.stocks."pub{escaped}lic"]'
        )
    elif place == "value":
        text = small.replace('coercer = "China"', f'coercer = "Chi{escaped}na"', 1)
    else:
        write(f"material,tier,days\ngallium,pri{hidden}vate,5\n".encode(), "stocks.csv")
        text += '[tables]\nstocks = "stocks.csv"\n'

    found = faults(write(text))

    code = f"U+{ord(hidden):04X}"
    assert [fault for fault in found if code in fault.found], [fault.found for fault in found]
    assert hidden not in "".join(fault.found for fault in found)


@pytest.mark.parametrize(
    "name",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a non-joiner
        "\u0d28\u0d4d\u200d",  # Malayalam; at its end a joiner has nothing to join
        "\u0915\u094d\u200d\u0937",  # Hindi, with a joiner
        "\u26a0\ufe0f stock",  # a sign in colour
        "\u845b\U000e0100",  # an ideograph in a drawing of its own
        "\u0600\u0661\u0662",  # a written sign of category Cf
    ],
)
def test_what_scripts_need_may_stand_in_a_name(
    small: str, write: Callable[..., Path], name: str
) -> None:
    text = small.replace("stocks.public]", f'stocks."{name}"]')

    if name.endswith("\u200d"):
        with pytest.raises(ConfigFault, match=r"U\+200D"):
            load(write(text))
    else:
        assert list(load(write(text)).materials["gallium"].stocks) == [name]


@pytest.mark.parametrize(("length", "is_allowed"), [(300, True), (301, False), (10_000, False)])
def test_a_name_has_at_most_300_characters(
    small: str, write: Callable[..., Path], length: int, is_allowed: bool
) -> None:
    text = small.replace("stocks.public]", f"stocks.{'p' * length}]")

    if is_allowed:
        assert list(load(write(text)).materials["gallium"].stocks) == ["p" * length]
        return
    with pytest.raises(ConfigFault) as caught:
        load(write(text))
    assert f"is a name of {length:,} characters; a name has at most 300" in str(caught.value)
    assert max(map(len, str(caught.value).split("\n"))) < 500


@pytest.mark.parametrize("kind", ["note", "title"])
@pytest.mark.parametrize(
    ("text", "count"),
    [("x" * 32_767, 0), ("x" * 32_768, 32_768), ("\U0001f600" * 16_384, 32_768)],
    ids=["as long as a cell", "longer", "longer as Excel counts"],
)
def test_a_text_that_no_cell_holds_is_found_before_a_run(
    small: str, write: Callable[..., Path], kind: str, text: str, count: int
) -> None:
    line = f'title = "{text}"' if kind == "title" else f'title = "Small"\nnote = "{text}"'
    file = write(small.replace('title = "Small"', line, 1))

    if not count:
        load(file)
        return
    with pytest.raises(ConfigFault, match=f"is a text of {count:,} characters") as caught:
        load(file)
    assert caught.value.faults[0].path == ("run", kind)


@pytest.mark.parametrize(
    ("path", "is_allowed"),
    [
        (("sweep", "parameters"), True),  # a key is a list of paths there
        (("cases", "a", "what_happened"), True),
        (("sweep",), False),
        (("materials",), False),
    ],
)
def test_a_list_of_paths_may_be_longer_than_a_name(path: tuple[str, ...], is_allowed: bool) -> None:
    data: dict[str, Any] = {"p" * 400: 1}
    for key in reversed(path):
        data = {key: data}
    found: list[Fault] = []

    normalise(data, found.append)

    assert bool(found) is not is_allowed
