"""Which cluster to use, and whether it is safe to connect to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from riskengine.errors import UsageFault

_FAR = (
    "whoever reaches its port can run any program on the machines of a cluster, and nothing on the "
    "way is encrypted: use tls:// with --tls-ca, --tls-cert and --tls-key, or add "
    "--insecure-cluster where the network is closed to everyone else"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What plays the trials: processes of this machine, or the workers of a scheduler.

    Raises
    ------
    UsageFault
        When the settings contradict each other or are not safe.
    """

    workers: int | None = None  #: processes to start here
    scheduler: str | None = None  #: address of a running scheduler
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    is_insecure: bool = False  #: whether the user accepts an open network

    def __post_init__(self) -> None:
        if self.workers is not None and self.scheduler is not None:
            raise UsageFault("--workers starts a cluster, --scheduler joins one: choose one")
        files = (self.tls_ca, self.tls_cert, self.tls_key)
        if self.scheduler is None:
            if any(files):
                raise UsageFault("--tls-ca, --tls-cert and --tls-key belong to --scheduler tls://")
            if self.is_insecure:
                raise UsageFault("--insecure-cluster belongs to --scheduler tcp://")
            return
        kind = _checked(self.scheduler)
        if kind == "tls" and not all(files):
            raise UsageFault("a tls:// scheduler needs --tls-ca, --tls-cert and --tls-key")
        for file in filter(None, files):
            if not Path(file).is_file():
                raise UsageFault(f"there is no file {file}")
        if kind == "tcp" and any(files):
            raise UsageFault("with --tls-ca, --tls-cert and --tls-key write tls://, not tcp://")
        if kind == "tcp" and not (self.is_insecure or _is_here(self.scheduler)):
            raise UsageFault(f"{self.scheduler} is another machine: {_FAR}")


def _checked(address: str) -> str:
    """The kind of an address, tcp or tls.

    Raises
    ------
    UsageFault
        When it is not the address of a scheduler.
    """
    from urllib.parse import urlsplit  # imported late, so that `--help` stays instant

    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and bool(parts.port)
    except ValueError:
        is_whole = False
    if not is_whole:
        raise UsageFault(f"'{address}' is no scheduler: write tcp://host:8786 or tls://host:8786")
    return parts.scheme


def _is_here(address: str) -> bool:
    """Whether an address cannot be reached from another machine."""
    import ipaddress
    from urllib.parse import urlsplit

    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
