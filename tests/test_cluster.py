"""Trials played by other processes: the same figures, whoever plays them and whoever is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from summed_bits import bits

from riskengine.cli import root, streamed
from riskengine.cluster import connection, playing
from riskengine.cluster.connection import connected
from riskengine.cluster.place import Cluster
from riskengine.cluster.playing import MOST_BLOCKS, Remote, _length, _Piece, _play
from riskengine.cluster.software import check_same, check_workers, software
from riskengine.config import load
from riskengine.errors import RunFault, UsageFault
from riskengine.model.losses import Losses
from riskengine.simulation import Plan, prepare
from riskengine.streaming import BLOCK_TRIALS, Stream
from riskengine.totals import Part, Totals

distributed = pytest.importorskip("distributed", reason="needs the extra cluster")
KilledWorker = distributed.KilledWorker

CONFIG = Path(__file__).parents[1] / "configs" / "minimal.toml"
TLS = ("--tls-ca", str(CONFIG), "--tls-cert", str(CONFIG), "--tls-key", "lost.pem")
TRIALS = 10 * BLOCK_TRIALS + 9_000


@pytest.fixture(scope="module")
def plan() -> Plan:
    return prepare(load(CONFIG), trials=TRIALS, first_trial=5, threads=2)


@pytest.fixture(scope="module")
def alone(plan: Plan) -> list[str]:
    stream = Stream(plan)
    stream.play(plan.trials)
    return bits(stream.evidence())


@pytest.fixture(scope="module")
def remote(plan: Plan) -> Iterator[Remote]:
    with connected(Cluster(workers=2), plan) as found:
        yield found


def run(*args: str) -> Result:
    return CliRunner().invoke(root, ["run", str(CONFIG), *args])


# How tasks are cut


def test_tasks_begin_and_end_short() -> None:
    lengths, begun, trials = [], 0, 3000 * BLOCK_TRIALS + 1
    while begun < trials:
        lengths.append(_length(begun, trials, 4))
        begun += lengths[-1]
    blocks = [length / BLOCK_TRIALS for length in lengths]
    assert begun == trials
    assert (blocks[0], max(blocks), blocks[-2], lengths[-1]) == (1, MOST_BLOCKS, 1, 1)


# A cluster on this machine


def test_workers_play_the_same_trials_look_by_look(
    remote: Remote, plan: Plan, alone: list[str]
) -> None:
    again, heard = Remote(remote.client, plan), []
    for trials in (BLOCK_TRIALS, 2 * BLOCK_TRIALS, plan.trials):
        again.play(trials, progress=heard.append)
    assert bits(again.evidence()) == alone
    assert heard == sorted(heard)
    assert heard[0] == BLOCK_TRIALS
    assert heard[-1] == plan.trials


def test_a_worker_that_is_killed_cannot_show(remote: Remote, plan: Plan, alone: list[str]) -> None:
    again = Remote(remote.client, plan)
    victim = sorted(remote.client.run(os.getpid).values())[0]
    killed = []

    def kill(done: int) -> None:
        if not killed:
            os.kill(victim, signal.SIGKILL)
            killed.append(done)

    again.play(plan.trials, progress=kill)
    assert killed[0] < plan.trials
    assert bits(again.evidence()) == alone
    remote.client.wait_for_workers(2, timeout=30)
    assert victim not in remote.client.run(os.getpid).values()


def test_linear_algebra_in_workers_has_one_thread(remote: Remote) -> None:
    from threadpoolctl import threadpool_info

    for pools in remote.client.run(threadpool_info).values():
        assert {pool["num_threads"] for pool in pools} <= {1}


def test_nobody_else_can_reach_it(remote: Remote) -> None:
    import psutil

    us = psutil.Process()
    ends = {
        end.laddr.ip
        for process in (us, *us.children(recursive=True))
        for end in process.net_connections("inet")
        if end.status == psutil.CONN_LISTEN
    }
    assert ends == {"127.0.0.1"}


def test_rows_do_not_come_back(remote: Remote, plan: Plan) -> None:
    def look(_: Losses) -> None: ...

    with pytest.raises(UsageFault, match="rows"):
        Remote(remote.client, plan).play(plan.trials, look)


def test_a_fault_of_a_trial_is_told_as_by_this_process(remote: Remote, plan: Plan) -> None:
    broken = replace(plan, model=plan.model._replace(horizon=float("inf")))
    with pytest.raises(RunFault, match="trial"):
        Remote(remote.client, broken).play(BLOCK_TRIALS)


def test_the_folder_is_that_of_a_run_in_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamed, "TAIL_ROWS", 150)
    options = ("--trials", "150000", "--keep", "tail", "--target-error", "0.1%")
    for name, further in (("here", ()), ("there", ("--workers", "2"))):
        done = run("--out", str(tmp_path / name), *options, *further)
        assert done.exit_code == 0, done.output
        assert done.stderr == ""
    documents = [
        json.loads((tmp_path / n / "manifest.json").read_text()) for n in ("here", "there")
    ]
    assert documents[1]["options"].pop("workers") == 2
    for document in documents:
        del document["started"], document["seconds"]
    assert documents[0] == documents[1]
    assert len(documents[0]["files"]) > 5  # by digest; the workbook shows the time of the run


# What is refused


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--workers", "2"], "--keep tail"),
        (["--workers", "2", "--keep", "none", "--threads", "2"], "--threads"),
        (["--workers", "2", "--scheduler", "tcp://localhost:8786"], "choose one"),
        (["--scheduler", "tcp://10.0.0.7:8786"], "run any program"),
        (["--scheduler", "tcp://example.com:8786"], "--insecure-cluster"),
        (["--scheduler", "tls://10.0.0.7:8786"], "needs --tls-ca"),
        (["--scheduler", "tcp://localhost:8786", "--tls-ca", str(CONFIG)], "write tls://"),
        (["--scheduler", "tls://localhost:8786", *TLS], "no file lost.pem"),
        (["--scheduler", "localhost"], "write tcp://host:8786"),
        (["--scheduler", "tcp://localhost:port"], "write tcp://host:8786"),
        (["--workers", "2", "--tls-ca", "x"], "belong to --scheduler"),
    ],
)
def test_options_that_are_senseless_or_unsafe_are_refused(
    options: list[str], sentence: str, tmp_path: Path
) -> None:
    done = run("--out", str(tmp_path / "out"), *options)
    assert isinstance(done.exception, UsageFault)
    assert sentence in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_another_machine_may_be_agreed_to() -> None:
    Cluster(scheduler="tcp://10.0.0.7:8786", is_insecure=True)
    Cluster(scheduler="tcp://[::1]:8786")


def test_without_dask_it_is_said_what_to_install(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageFault, match=r"riskengine\[cluster\]"), connected(Cluster(), plan):
        pass


class OtherWorkers:
    """A cluster whose workers answer as they are told to."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)

    def run(self, *_: object, on_error: str) -> dict[str, Any]:
        assert on_error == "return"
        return {"tcp://a": self.answers.pop(0)}


def test_other_software_is_refused_with_all_differences(plan: Plan) -> None:
    theirs = {**software(), "numba": "0.1", "sources": "f00"}
    with pytest.raises(UsageFault) as fault:
        check_workers(OtherWorkers(theirs), plan)  # type: ignore[arg-type]
    for said in ("tcp://a: numba 0.1, here", "tcp://a: sources f00, here"):
        assert said in str(fault.value)


def test_a_worker_without_the_engine_is_refused(plan: Plan) -> None:
    with pytest.raises(UsageFault, match="No module named"):
        check_workers(OtherWorkers(ModuleNotFoundError("No module named 'x'")), plan)  # type: ignore[arg-type]


def test_a_processor_with_other_bits_is_refused(plan: Plan) -> None:
    with pytest.raises(UsageFault, match="bits of the first trials f00"):
        check_workers(OtherWorkers(software(), {"bits of the first trials": "f00"}), plan)  # type: ignore[arg-type]


def test_the_same_software_is_not_refused() -> None:
    check_same(software(), {"tcp://a": dict(software())})


def test_a_scheduler_that_is_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 1.0)
    done = run("--scheduler", "tcp://127.0.0.1:1", "--keep", "none", "--out", str(tmp_path / "out"))
    assert isinstance(done.exception, RunFault)
    assert "tcp://127.0.0.1:1 cannot be reached" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_comes_later_and_differs_plays_nothing(plan: Plan) -> None:
    theirs = {**software(), "numba": "0.1"}
    with pytest.raises(UsageFault, match="came later: numba"):
        _play(plan, theirs, _Piece(0, BLOCK_TRIALS), Totals(plan).floors())


class Ended:
    """A task that has ended."""

    def __init__(self, answer: Callable[[], Part]) -> None:
        self.result = answer

    def add_done_callback(self, heard: Callable[[Ended], None]) -> None:
        heard(self)


class LosingWorkers:
    """A cluster that plays at once, and loses its workers some times before."""

    def __init__(self, losses: int) -> None:
        self.losses = losses

    def nthreads(self) -> dict[str, int]:
        return {"tcp://a": 1}

    def cancel(self, _: object) -> None: ...

    def submit(self, task: Callable[..., Any], *given: Any, **_: object) -> Any:
        if task is not _play:
            return task(*given)

        def answer() -> Part:
            self.losses -= 1
            if self.losses >= 0:
                raise KilledWorker("task", "worker", 3)
            return task(*given)

        return Ended(answer)


@pytest.mark.parametrize("losses", [2, 3])
def test_a_task_that_loses_its_workers_is_handed_out_three_times(plan: Plan, losses: int) -> None:
    few = replace(plan, trials=9000)
    remote = Remote(LosingWorkers(losses), few)  # type: ignore[arg-type]
    if losses == 2:
        remote.play(9000)
        assert remote.evidence().trials == 9000
    else:
        with pytest.raises(RunFault, match="lost each time"):
            remote.play(9000)


def test_a_cluster_without_any_worker_left_is_an_error(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing, "SILENT_SECONDS", 0.01)
    nobody = LosingWorkers(0)
    monkeypatch.setattr(nobody, "nthreads", dict)
    monkeypatch.setattr(Ended, "add_done_callback", lambda *_: None)
    with pytest.raises(RunFault, match="all workers"):
        Remote(nobody, plan).play(plan.trials)  # type: ignore[arg-type]


# A scheduler that runs already


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


def started(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with certificates: of who signs, one that is signed, one that is not."""
    if shutil.which("openssl") is None:
        pytest.skip("certificates are made with openssl")
    folder = tmp_path_factory.mktemp("tls")
    for name in ("ca", "stranger"):
        files = ("-keyout", f"{name}.key", "-out", f"{name}.pem")
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, "-subj", "/CN=x")
    files = ("-keyout", "own.key", "-out", "own.csr")
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", *files, "-subj", "/CN=own")
    signer = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
    openssl(folder, "x509", "-req", "-in", "own.csr", *signer, "-out", "own.pem")
    return folder


def test_a_scheduler_is_joined_with_certificates_and_may_be_lost(
    signed: Path, plan: Plan, alone: list[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tls://127.0.0.1:{free.getsockname()[1]}"
    files = [f"{signed}/{name}" for name in ("ca.pem", "own.pem", "own.key")]
    tls = dict(zip(("tls_ca", "tls_cert", "tls_key"), files, strict=True))
    options = ["--tls-ca-file", files[0], "--tls-cert", files[1], "--tls-key", files[2]]
    scheduler = started("dask_scheduler", "--host", address, "--no-dashboard", *options)
    worker = started("dask_worker", address, "--nthreads", "1", "--no-dashboard", *options)
    try:
        with connected(Cluster(scheduler=address, **tls), plan) as remote:
            remote.play(plan.trials)
            assert bits(remote.evidence()) == alone
        stranger = {"tls_cert": f"{signed}/stranger.pem", "tls_key": f"{signed}/stranger.key"}
        for given in (
            {"scheduler": address, **tls, **stranger},
            {"scheduler": "tcp" + address[3:]},
        ):
            with (
                pytest.raises(RunFault, match="cannot be reached"),
                connected(Cluster(**given), plan),
            ):
                pass
        endless = replace(plan, trials=10**12)
        with (
            pytest.raises(RunFault, match="is lost"),
            connected(Cluster(scheduler=address, **tls), plan) as remote,
        ):
            Remote(remote.client, endless).play(10**12, progress=lambda _: scheduler.kill())
    finally:
        for process in (worker, scheduler):
            process.terminate()
            process.wait(timeout=60)


# How it ends


def test_ctrl_c_ends_the_workers_too(tmp_path: Path) -> None:
    import psutil

    command = ["run", str(CONFIG), "--workers", "2", "--keep", "none", "--trials", "1000000000000"]
    process = subprocess.Popen(
        [sys.executable, "-m", "riskengine", *command, "--out", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    us, began = psutil.Process(process.pid), time.monotonic()
    while not (tmp_path / ".out.lock").exists() and time.monotonic() < began + 60:
        time.sleep(0.1)
    time.sleep(0.5)
    children = us.children(recursive=True)
    assert len(children) >= 2
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all of them hear it
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.strip() == "Interrupted. No results were left half written."
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert not (tmp_path / "out").exists()
