"""Options that choose the cluster for a run or a sweep."""

from __future__ import annotations

from typing import Any

import click

from riskengine.cluster.address import Cluster
from riskengine.errors import UsageFault

CLUSTER_OPTIONS = (
    click.option(
        "--workers",
        type=click.IntRange(min=1, max=1024),
        metavar="N",
        help="Play in N processes of this machine, started for this command. Needs the extra "
        '"cluster".',
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Play on the workers of this Dask scheduler: tls://host:8786, or tcp://host:8786 on "
        'this machine. Needs the extra "cluster".',
    ),
    click.option("--tls-ca", metavar="FILE", help="Certificate of who signs, for tls://."),
    click.option("--tls-cert", metavar="FILE", help="Own certificate, for tls://."),
    click.option("--tls-key", metavar="FILE", help="Own key, for tls://."),
    click.option(
        "--insecure-cluster",
        is_flag=True,
        help="Allow tcp:// to another machine: nothing is encrypted and anybody on the network "
        "can run programs on the workers.",
    ),
)


def pop_cluster(given: dict[str, Any]) -> Cluster | None:
    """Take the options of a cluster out of all given options; None if they name no cluster.

    Raises
    ------
    UsageFault
        If they contradict each other or other options.
    """
    cluster = Cluster(
        workers=given.pop("workers"),
        scheduler=given.pop("scheduler"),
        tls_ca=given.pop("tls_ca"),
        tls_cert=given.pop("tls_cert"),
        tls_key=given.pop("tls_key"),
        is_insecure=given.pop("insecure_cluster"),
    )
    if cluster.workers is None and cluster.scheduler is None:
        return None
    if given["threads"] is not None:
        raise UsageFault("--threads is for one process: leave it out with a cluster")
    return cluster
