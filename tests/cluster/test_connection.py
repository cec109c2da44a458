"""The way to a cluster: who is let in, what is refused, how it ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner, Result
from summed_bits import bits
from swept import write_config

from riskengine.cli import root
from riskengine.cluster import connection
from riskengine.cluster.address import Cluster
from riskengine.cluster.connection import connected
from riskengine.cluster.jobs import Crew
from riskengine.cluster.playing import Remote
from riskengine.cluster.software import check_same, check_workers, software
from riskengine.errors import RunFault, UsageFault
from riskengine.play.simulate import Plan

distributed = pytest.importorskip("distributed", reason="needs the extra cluster")
from dask.config import set as distributed_config  # noqa: E402
from distributed.comm.core import CommClosedError  # noqa: E402

pytestmark = pytest.mark.processes

CONFIG = Path(__file__).parents[2] / "configs" / "minimal.toml"
TLS = ("--tls-ca", str(CONFIG), "--tls-cert", str(CONFIG), "--tls-key", "lost.pem")


def invoked(verb: str, *args: str) -> Result:
    return CliRunner().invoke(root, [verb, str(CONFIG), *args])


# A cluster on this machine


def test_linear_algebra_in_workers_has_one_thread(crew: Crew) -> None:
    from threadpoolctl import threadpool_info

    for pools in crew.client.run(threadpool_info).values():
        assert {pool["num_threads"] for pool in pools} <= {1}


def test_nobody_else_can_reach_it(crew: Crew) -> None:
    us = psutil.Process()
    ends = {
        end.laddr.ip
        for process in (us, *us.children(recursive=True))
        for end in process.net_connections("inet")
        if end.status == psutil.CONN_LISTEN
    }
    assert ends == {"127.0.0.1"}


@pytest.mark.parametrize("kind", ["tcp", "tls"])
def test_other_users_of_this_machine_are_not_let_in(crew: Crew, kind: str) -> None:
    ports = [crew.client.scheduler.address, *crew.client.scheduler_info()["workers"]]
    strangers = {"tcp": distributed.Security(), "tls": distributed.Security.temporary()}
    for port in ports:
        assert port.startswith("tls://127.0.0.1:")
        address = f"{kind}://{port.partition('://')[2]}"
        with pytest.raises(OSError, match=r"Timed out|certificate|in <T"):
            distributed.Client(address, timeout=3, security=strangers[kind], set_as_default=False)
    assert len(crew.client.run(os.getpid)) == 2  # those who belong here are


@pytest.mark.parametrize("code", [3, 0])
def test_a_worker_that_ends_while_it_starts_is_one_sentence(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    ending = {"distributed.worker.preload": [f"import os; os._exit({code})"]}
    with (
        distributed_config(ending),
        pytest.raises(RunFault, match="ended while it started"),
        connected(Cluster(workers=2), plan),
    ):
        pass


def test_a_worker_that_ends_while_it_is_checked_is_left_out(plan: Plan) -> None:
    lost = CommClosedError("Stream is closed")
    check_workers(_Workers({"tls://a": lost, "tls://b": dict(software())}, plan), plan)  # type: ignore[arg-type]
    with pytest.raises(RunFault, match="all workers of the cluster ended"):
        check_workers(_Workers({"tls://a": lost}, plan), plan)  # type: ignore[arg-type]


# What is refused


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--workers", "2", "--threads", "2"], "--threads"),
        (["--workers", "2", "--scheduler", "tcp://localhost:8786"], "choose one"),
        (["--scheduler", "tcp://10.0.0.7:8786"], "run any program"),
        (["--scheduler", "tcp://example.com:8786"], "--insecure-cluster"),
        (["--scheduler", "tls://10.0.0.7:8786"], "needs --tls-ca"),
        (["--scheduler", "tcp://localhost:8786", "--tls-ca", str(CONFIG)], "write tls://"),
        (["--scheduler", "tls://localhost:8786", *TLS], "no file lost.pem"),
        (["--scheduler", "localhost"], "write tcp://host:8786"),
        (["--scheduler", "tcp://localhost:port"], "write tcp://host:8786"),
        (["--scheduler", ""], "'' is no scheduler"),
        (["--workers", "2", "--tls-ca", "x"], "belong to --scheduler"),
        (["--insecure-cluster"], "belongs to --scheduler"),
    ],
)
def test_options_that_are_senseless_or_unsafe_are_refused(
    options: list[str], sentence: str, tmp_path: Path
) -> None:
    for verb in ("run", "sweep"):
        done = invoked(verb, "--out", str(tmp_path / "out"), *options)
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


class _Workers:
    """A cluster with these answers about software, whose last worker plays as we do."""

    def __init__(self, answers: dict[str, Any], plan: Plan) -> None:
        self.answers, self.plan = answers, plan

    def run(self, question: Callable[..., Any], *given: object, on_error: str) -> dict[str, Any]:
        assert on_error == "return"
        if not given:
            return self.answers
        return {list(self.answers)[-1]: question(*given)}


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
    done = invoked(
        "run", "--scheduler", "tcp://127.0.0.1:1", "--keep", "none", "--out", str(tmp_path / "out")
    )
    assert isinstance(done.exception, RunFault)
    assert "tcp://127.0.0.1:1 cannot be reached" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


# A scheduler that runs already


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=900
    )


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


def shared_with(crew: Crew) -> int:
    """How many things the workers keep for us."""
    (names,) = crew.client.run(lambda dask_worker: list(dask_worker.plugins)).values()
    return sum(name.startswith("riskengine-") for name in names)


def test_a_scheduler_is_joined_with_certificates_and_may_be_lost(
    signed: Path, plan: Plan, alone: tuple[list[str], object]
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
        with connected(Cluster(scheduler=address, **tls), plan) as crew:
            remote = Remote(crew, plan)
            remote.play(plan.trials)
            assert bits(remote.evidence()) == alone[0]
            assert shared_with(crew) == 1
        with connected(Cluster(scheduler=address, **tls), plan) as crew:
            assert shared_with(crew) == 0  # what others need no longer
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
            connected(Cluster(scheduler=address, **tls), plan) as crew,
        ):
            Remote(crew, endless).play(10**12, progress=lambda _: scheduler.kill())
    finally:
        for process in (worker, scheduler):
            process.terminate()
            process.wait(timeout=900)


# How it ends


def interrupted(process: subprocess.Popen[str], workers: int) -> str:
    """What a process says that is ended by Ctrl-C, once its own processes are gone."""
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= workers
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all of them hear it
    _, said = process.communicate(timeout=900)
    assert process.returncode == 130
    _, alive = psutil.wait_procs(children, timeout=900)
    assert alive == []
    return said.strip()


def riskengine(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "riskengine", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 900
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_ctrl_c_ends_a_run_and_its_workers(tmp_path: Path) -> None:
    command = ["run", str(CONFIG), "--workers", "2", "--trials", "1000000000000"]
    process = riskengine(*command, "--out", str(tmp_path / "out"))

    def size() -> int:  # of the rows that came back
        files = [p for p in tmp_path.rglob("*") if p.suffix == ".parquet"]
        return sum(path.stat().st_size for path in files)

    wait_until(lambda: size() > 0, process)
    said = interrupted(process, 2).splitlines()
    assert said[-1] == "Interrupted. No results were left half written."
    assert not (tmp_path / "out").exists()


def test_ctrl_c_ends_a_sweep_and_its_workers_and_keeps_what_is_finished(tmp_path: Path) -> None:
    stocks = '"materials.ndfeb-magnets.stocks.private.days" = {low = 0, high = 120, count = 80}'
    config = write_config(tmp_path, f'\nmethod = "grid"\n[sweep.parameters]\n{stocks}\n', 40_000)
    process = riskengine("sweep", str(config), "--workers", "2", "--out", str(tmp_path / "out"))
    work = tmp_path / ".out.work"

    def kept() -> int:
        return len([path for path in work.glob("point-*") if path.suffix != ".new"])

    wait_until(lambda: kept() > 2, process)
    said = interrupted(process, 2)
    assert said == (
        f"Interrupted. {kept()} of 81 points are finished and kept; the same command goes on from "
        "there."
    )
    assert kept() < 81
