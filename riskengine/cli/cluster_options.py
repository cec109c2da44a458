"""Options of a run that say which cluster plays it."""

from __future__ import annotations

from typing import Any

import click

from riskengine.cluster.place import Cluster
from riskengine.errors import UsageFault

CLUSTER_OPTIONS = (
    click.option(
        "--workers",
        type=click.IntRange(min=1, max=1024),
        metavar="N",
        help="Play the trials in N processes of this machine, started for this run. Needs the "
        'extra "cluster".',
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Play the trials on the workers of this Dask scheduler: tls://host:8786, or "
        "tcp://host:8786 on this machine.",
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
    """Take the options of a cluster out of those of a run; None where none is meant.

    Raises
    ------
    UsageFault
        When they make no sense together, or with the others.
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
    if given["keep"] == "all":
        raise UsageFault(
            "a cluster does not bring back a row of every trial: add --keep tail (the worst ones) "
            "or --keep none; the figures are of all trials in any case"
        )
    if given["threads"] is not None:
        raise UsageFault("--threads is for a run in one process: leave it out with a cluster")
    return cluster
