"""Connects to a cluster: starts or joins it, checks it, and always disconnects at the end."""

from __future__ import annotations

import logging
import signal
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.resource_tracker import ensure_running
from typing import TYPE_CHECKING, Any

from riskengine.cluster.address import Cluster
from riskengine.cluster.jobs import Crew
from riskengine.cluster.software import check_workers
from riskengine.errors import RunFault, UsageFault
from riskengine.play.simulate import Plan

if TYPE_CHECKING:
    from distributed import Client, LocalCluster, Security

CONNECT_SECONDS = 10.0
WORKER_SECONDS = 30.0  #: how long to wait for the first workers
_SILENT = logging.CRITICAL + 1
_NOISY = ("distributed", "tornado", "asyncio")


@contextmanager
def connected(cluster: Cluster, plan: Plan) -> Iterator[Crew]:
    """The workers of a cluster, for the length of a block.

    Parameters
    ----------
    cluster : Cluster
    plan : Plan
        Its first trials must be the same on each worker as here, to the bit.

    Raises
    ------
    UsageFault
        When Dask is not installed, or a worker would not play the same trials.
    RunFault
        When there is no scheduler or no worker, or when the cluster is lost later.
    """
    try:
        import cryptography  # noqa: F401
        import distributed  # noqa: F401
    except ImportError:
        raise UsageFault(
            'a cluster needs Dask: pip install "riskengine[cluster]"; without --workers and '
            "--scheduler all processors of this machine are used in any case"
        ) from None
    _silence()
    with _client(cluster) as client:
        try:
            client.wait_for_workers(cluster.workers or 1, timeout=WORKER_SECONDS)
        except TimeoutError:
            raise RunFault(
                f"no worker of the cluster answered within {WORKER_SECONDS:g} seconds"
            ) from None
        check_workers(client, plan)
        crew = Crew(client)
        try:
            yield crew
        finally:
            if cluster.scheduler is not None:
                crew.forget()


def _silence() -> None:
    """Silence the logs of the libraries: our own errors already report what goes wrong."""
    for name in (*_NOISY, *logging.root.manager.loggerDict):
        if name.split(".")[0] in _NOISY:
            logging.getLogger(name).setLevel(_SILENT)


@contextmanager
def _client(cluster: Cluster) -> Iterator[Client]:
    """A connection to the scheduler; without a given scheduler, one is started first."""
    import dask
    import distributed

    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about versions: `check_workers` checks them
        # Every attempt to connect to a lost process gives up after the same time.
        stack.enter_context(
            dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT_SECONDS:g}s"})
        )
        security = _security(cluster)
        where: Any = cluster.scheduler or stack.enter_context(
            _local(cluster.workers or 1, security)
        )
        try:
            client = distributed.Client(
                where, timeout=CONNECT_SECONDS, security=security, set_as_default=False
            )
        except (OSError, TimeoutError) as error:
            raise RunFault(f"the scheduler {where} cannot be reached: {error}") from error
        yield stack.enter_context(client)


def _security(cluster: Cluster) -> Security:
    """The user's certificates for the user's scheduler; new certificates for a local cluster.

    Other users of this machine can reach its loopback ports, too. Without certificates they could
    run programs as this user. The new certificates exist in memory only and end with the command.
    """
    from distributed import Security

    if cluster.scheduler is None:
        ours: Security = Security.temporary()
        return ours
    if cluster.tls_ca is None:
        return Security()
    return Security(
        tls_ca_file=cluster.tls_ca,
        tls_client_cert=cluster.tls_cert,
        tls_client_key=cluster.tls_key,
        require_encryption=True,
    )


def _local(workers: int, security: Security) -> LocalCluster:
    """Worker processes on this machine with one thread each, which no other user can access.

    Raises
    ------
    RunFault
        When a process ends during its start.
    """
    from distributed import LocalCluster

    with _interrupts_held():
        try:
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                memory_limit=None,
                silence_logs=_SILENT,
                security=security,
            )
        except (OSError, RuntimeError, TimeoutError) as error:
            raise RunFault(
                f"a process of --workers ended while it started ({error}); nothing was written. "
                "Try again, or with fewer workers: each needs some 0.5 GB of memory."
            ) from error


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Block Ctrl-C in threads and processes that start in this block; this process closes them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    ensure_running()  # else the first process starts it, and unblocks interrupts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
