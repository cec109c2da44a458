"""A study goes on where it was cut off: failures and kills at every call, damage, other configs."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from failing_os import FailingOs, Killed, calls_to_fail
from hostile_folders import reseal
from swept import contents

import riskengine
import riskengine.reports.mitigation.page
import riskengine.reports.mitigation.workbook
import riskengine.store.work
from riskengine.errors import RunFault, UsageFault
from riskengine.mitigation import playing
from riskengine.mitigation.blocks import Block, BlockJob, LocalBlocks
from riskengine.store import disk
from riskengine.store.mitigation import MitigationWork

MINIMAL = Path(__file__).parents[2] / "configs" / "minimal.toml"
STOCK = "materials.ndfeb-magnets.stocks.private.days"
PLANT = "materials.ndfeb-magnets.alternatives.asean.probability"
WORLDS = """
extends = "minimal.toml"
[run]
trials = 30
[sweep]
method = "latin-hypercube"
samples = 3
[sweep.parameters]
"industries.automobile.uses.ndfeb-magnets.dependence" = { uniform = { low = 0.1, high = 0.3 } }
"""
STUDY = f"""
extends = "minimal.toml"
[run]
trials = 40
[mitigation]
measure = "tvar"
budgets = [3, 9]
level = 0.9
worlds = "worlds.toml"
[mitigation.options.stock]
set = {{ "{STOCK}" = 90 }}
cost = 2
[mitigation.options.plant]
set = {{ "{PLANT}" = 1 }}
cost = 3
[mitigation.options.rule]
set = {{ "correlation.duration" = 0.5 }}
cost = 1
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path)


def write_config(folder: Path, study: str = STUDY) -> Path:
    """The config of a small study with worlds."""
    (folder / "minimal.toml").write_bytes(MINIMAL.read_bytes())
    (folder / "worlds.toml").write_text(WORLDS, encoding="utf-8")
    path = folder / "bought.toml"
    path.write_text(study, encoding="utf-8")
    return path


def small_blocks(patch: pytest.MonkeyPatch) -> None:
    """Two portfolios in a block, so that there are several blocks."""
    patch.setattr(playing, "MOST_TOGETHER", 2)


def leave_reports_out(patch: pytest.MonkeyPatch) -> None:
    """Workbook and page take most of the time of so small a study, and are made in memory."""
    small_blocks(patch)
    patch.setattr(riskengine.reports.mitigation.workbook, "mitigation_workbook", lambda _: b"book")
    patch.setattr(riskengine.reports.mitigation.page, "mitigation_page", lambda _: "page")
    patch.setattr(riskengine.store.work, "engine_digest", lambda: "engine")
    patch.setattr(riskengine.store.work, "versions", lambda *_: {"riskengine": "0"})


@pytest.fixture
def without_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_reports_out(monkeypatch)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole study of `config`, and with the same one cut off after two blocks."""
    folder = tmp_path_factory.mktemp("played")
    config = write_config(folder)
    with pytest.MonkeyPatch.context() as patch:
        leave_reports_out(patch)
        mitigate(config, folder / "whole")
        cut_off(config, folder / "run", 2)
    return folder


@pytest.fixture
def whole(played: Path) -> dict[str, bytes]:
    return contents(played / "whole")


@pytest.fixture
def kept(played: Path, tmp_path: Path) -> Path:
    """The two blocks that are kept for the study into `run`."""
    return Path(shutil.copytree(work_folder(played / "run"), work_folder(tmp_path / "run")))


BLOCKS = 10  #: of the whole study: five of portfolios, one of finalists, three worlds


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[BlockJob]:
    """The jobs that are played."""
    found: list[BlockJob] = []
    original = LocalBlocks.play

    def counted(blocks: LocalBlocks, job: BlockJob, stopped: Any = None) -> Block | None:
        found.append(job)
        return original(blocks, job, stopped)

    monkeypatch.setattr(LocalBlocks, "play", counted)
    return found


@pytest.fixture
def played_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job is played once: what is written and kept is asked, not its figures."""
    known: dict[str, Block | None] = {}
    original = LocalBlocks.play

    def remembered(blocks: LocalBlocks, job: BlockJob, stopped: Any = None) -> Block | None:
        assert job.tail is None  # else its text would not say which trials
        name = repr(job)
        if name not in known:
            known[name] = original(blocks, job, stopped)
        return known[name]

    monkeypatch.setattr(LocalBlocks, "play", remembered)


def mitigate(config: Path, target: Path, **given: Any) -> None:
    riskengine.mitigate(config, out=target, threads=given.pop("threads", 1), **given)


def work_folder(target: Path) -> Path:
    return target.parent / f".{target.name}.work"


def cut_off(config: Path, target: Path, blocks: int) -> None:
    """Play some blocks of a study, and go no further."""
    with pytest.MonkeyPatch.context() as patch:
        original, kept = MitigationWork.keep, 0

        def stop(work: MitigationWork, name: str, result: Any) -> None:
            nonlocal kept
            original(work, name, result)
            kept += 1
            if kept == blocks:
                raise KeyboardInterrupt

        patch.setattr(MitigationWork, "keep", stop)
        with pytest.raises(
            KeyboardInterrupt,
            match=f"Kept: {blocks} blocks? of portfolios and worlds that are played",
        ):
            mitigate(config, target)


def jobs_of(jobs: list[BlockJob]) -> list[str]:
    return sorted(f"{job.portfolios} {job.trials} {job.world}" for job in jobs)


@pytest.mark.costly
@pytest.mark.usefixtures("without_reports", "kept")
def test_only_what_was_not_finished_is_played_again(
    tmp_path: Path, config: Path, whole: dict[str, bytes], jobs: list[BlockJob]
) -> None:
    mitigate(config, tmp_path / "run")
    assert len(jobs) == len(set(jobs_of(jobs))) == BLOCKS - 2
    assert contents(tmp_path / "run") == whole
    assert not (tmp_path / ".run.work").exists()


@pytest.mark.exhaustive
@pytest.mark.usefixtures("without_reports")
def test_after_any_block_a_study_goes_on(
    tmp_path: Path, config: Path, whole: dict[str, bytes], jobs: list[BlockJob]
) -> None:
    for blocks in range(1, BLOCKS + 1):
        target = tmp_path / f"run-{blocks}"
        jobs.clear()
        cut_off(config, target, blocks)
        assert len(jobs) == blocks
        mitigate(config, target)
        assert len(jobs) == len(set(jobs_of(jobs))) == BLOCKS
        assert contents(target) == whole


@pytest.mark.exhaustive
@pytest.mark.usefixtures("without_reports", "played_once")
@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left"), Killed()], ids=["full", "killed"]
)
def test_a_failure_at_any_call_is_made_good_by_the_same_command(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    mitigate(config, tmp_path / "whole")
    expected = contents(tmp_path / "whole")
    for fatal in calls_to_fail(failure, 1000):
        target = tmp_path / f"run-{fatal}"
        failing = FailingOs(fatal, failure)
        with monkeypatch.context() as patch:
            patch.setattr(disk, "os", failing)
            try:
                mitigate(config, target)
            except (RunFault, Killed):
                assert not target.exists() or contents(target) == expected
        mitigate(config, target)
        assert contents(target) == expected
        assert not work_folder(target).exists()
        if failing.calls < fatal:
            break
    assert 60 < fatal < 999


def _edited(edit: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def edited(content: bytes) -> bytes:
        record = json.loads(content)
        edit(record)
        return json.dumps(record).encode()

    return edited


@pytest.mark.exhaustive
@pytest.mark.usefixtures("without_reports")
@pytest.mark.parametrize(
    "edit",
    [
        lambda content: content[:-9],
        lambda content: b"",
        lambda content: b"[" * 5000,
        lambda content: b"7",
        lambda content: b"[1, 2]",
        _edited(lambda record: record.pop("measured")),
        _edited(lambda record: record["measured"].pop()),
        _edited(lambda record: record["measured"][0].pop()),
        _edited(lambda record: record["measured"][0].__setitem__(0, "many")),
        _edited(lambda record: record.update(measured=None)),
        _edited(lambda record: record.update(rises="some")),
        _edited(lambda record: record.update(largest=[1])),
        _edited(lambda record: record.update(largest=["x", "y", 1.0])),
    ],
)
def test_a_kept_block_of_somebody_else_is_played_again_when_it_is_not_ours(
    tmp_path: Path,
    config: Path,
    whole: dict[str, bytes],
    kept: Path,
    jobs: list[BlockJob],
    edit: Callable[[bytes], bytes],
) -> None:
    for path in kept.iterdir():
        if path.name.startswith("block-"):
            reseal(kept, path.name, edit(path.read_bytes().partition(b"\n")[2]))
    mitigate(config, tmp_path / "run")
    assert len(jobs) == BLOCKS
    assert contents(tmp_path / "run") == whole


@pytest.mark.exhaustive
@pytest.mark.usefixtures("without_reports")
@pytest.mark.parametrize(
    ("start", "damage"),
    [("block-", "cut"), ("block-", "changed"), ("block-", "empty"), ("mitigation.json", "changed")],
)
def test_a_damaged_file_is_made_anew(
    tmp_path: Path,
    config: Path,
    whole: dict[str, bytes],
    kept: Path,
    jobs: list[BlockJob],
    damage: str,
    start: str,
) -> None:
    file = next(path for path in sorted(kept.iterdir()) if path.name.startswith(start))
    data = file.read_bytes()
    file.write_bytes({"cut": data[:-9], "changed": data.replace(b"0", b"1"), "empty": b""}[damage])
    mitigate(config, tmp_path / "run")
    assert len(jobs) == BLOCKS - (1 if start == "block-" else 2)
    assert contents(tmp_path / "run") == whole


@pytest.mark.usefixtures("without_reports")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("= 90", "= 91"), "the config"),
        (lambda text: text.replace("cost = 3", "cost = 4"), "the config"),
        (lambda text: text.replace("level = 0.9", "level = 0.8"), "the config"),
        (lambda text: text.replace("trials = 40", "trials = 41"), "the number of trials"),
        (lambda text: text.replace("trials = 40", "trials = 40\nseed = 9"), "the seed"),
        (lambda text: text + "# a remark\n", "the files that it reads"),
    ],
)
def test_another_study_is_refused_with_the_choice_and_nothing_is_lost(
    tmp_path: Path, kept: Path, change: Callable[[str], str], words: str
) -> None:
    before = contents(kept)
    with pytest.raises(UsageFault) as caught:
        mitigate(write_config(tmp_path, change(STUDY)), tmp_path / "run")
    told = str(caught.value).partition("since then ")[2].partition(" changed")[0]
    assert words in told
    assert "played: 2 blocks" in str(caught.value)
    assert "--restart" in str(caught.value)
    assert contents(kept) == before


@pytest.mark.usefixtures("without_reports")
def test_other_worlds_are_noticed(tmp_path: Path, config: Path, kept: Path) -> None:
    worlds = (tmp_path / "worlds.toml").read_text("utf-8").replace("0.3 }", "0.35 }")
    (tmp_path / "worlds.toml").write_text(worlds, encoding="utf-8")
    with pytest.raises(UsageFault, match=r"since then .*the files that it reads.* changed"):
        mitigate(config, tmp_path / "run")
    assert kept.exists()


@pytest.mark.usefixtures("without_reports", "kept")
def test_another_engine_is_noticed(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(riskengine.store.work, "engine_digest", lambda: "another")
    with pytest.raises(UsageFault, match="since then the engine changed"):
        mitigate(config, tmp_path / "run")


@pytest.mark.usefixtures("without_reports", "kept")
def test_restart_plays_everything_again(
    tmp_path: Path, config: Path, whole: dict[str, bytes], jobs: list[BlockJob]
) -> None:
    mitigate(config, tmp_path / "run", restart=True)
    assert len(jobs) == BLOCKS
    assert contents(tmp_path / "run") == whole


@pytest.mark.whole
@pytest.mark.usefixtures("without_reports")
def test_a_study_a_sweep_and_a_run_do_not_replace_one_another(tmp_path: Path, config: Path) -> None:
    scenario = riskengine.load(MINIMAL)
    riskengine.simulate(scenario, trials=20, out=tmp_path / "run")
    with pytest.raises(UsageFault, match="holds the results of a run"):
        mitigate(config, tmp_path / "run")
    mitigate(config, tmp_path / "study")
    with pytest.raises(UsageFault, match="mitigation"):
        riskengine.simulate(scenario, trials=20, out=tmp_path / "study")


@pytest.mark.whole
@pytest.mark.usefixtures("without_reports")
def test_the_threads_cannot_be_seen_in_the_files(tmp_path: Path, config: Path) -> None:
    for threads in (1, 3):
        mitigate(config, tmp_path / str(threads), threads=threads, trials=2_000)
    assert contents(tmp_path / "1") == contents(tmp_path / "3")


@pytest.mark.whole
def test_workbook_and_page_are_the_same_bytes_after_an_interruption(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_blocks(monkeypatch)
    mitigate(config, tmp_path / "whole")
    cut_off(config, tmp_path / "run", 4)
    mitigate(config, tmp_path / "run", threads=2)
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")
    assert {"mitigation.xlsx", "mitigation.html"} <= set(contents(tmp_path / "run"))
