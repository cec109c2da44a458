"""The way to a cluster: started here or joined, checked, and left in any case."""

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
WORKER_SECONDS = 30.0  #: how long a cluster may be without any worker at the start
_SILENT = logging.CRITICAL + 1
_NOISY = ("distributed", "tornado", "asyncio")


@contextmanager
def connected(cluster: Cluster, plan: Plan) -> Iterator[Crew]:
    """The workers of a cluster, for the length of a block.

    Parameters
    ----------
    cluster : Cluster
    plan : Plan
        Its first trials have to be the same on each of them as here, to the bit.

    Raises
    ------
    UsageFault
        When Dask is not installed, or a worker would not play the same trials.
    RunFault
        When no scheduler or no worker is there, or it is lost later.
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
    """Our own errors report what goes wrong; the libraries' logs would repeat it."""
    for name in (*_NOISY, *logging.root.manager.loggerDict):
        if name.split(".")[0] in _NOISY:
            logging.getLogger(name).setLevel(_SILENT)


@contextmanager
def _client(cluster: Cluster) -> Iterator[Client]:
    """A connection to the scheduler, which is started first where none is given."""
    import dask
    import distributed

    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions: we ask ourselves, and refuse
        # Whoever is lost is given up after as long, by all who need something from there.
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
    """Certificates of the user for a scheduler of theirs; new ones for what is started here.

    Other users of this machine reach its loopback ports, too: without a certificate they could run
    programs as this user. These certificates are in memory only and end with the command.
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
    """Processes of this machine with one thread each, which nobody else can use.

    Raises
    ------
    RunFault
        When a process ends while it starts.
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
    """Threads and processes begun meanwhile never hear Ctrl-C: they are closed by this one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    ensure_running()  # or the first process would start it and let interrupts through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
