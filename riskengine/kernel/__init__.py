"""Compiled kernels: arrays in, arrays out; they know no names, no files and no errors of ours.

Importing this package chooses where compiled code is cached. numba's cache notices an edit in the
file of a compiled function but not in the functions that it calls, and would then go on with old
machine code and old figures; a folder named after the digest of all kernel sources cannot.
`NUMBA_CACHE_DIR`, where the user has set it, is the parent of that folder.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path


def _sources_digest() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _cache_root() -> Path:
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / "riskengine"
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "riskengine"


def _usable_cache() -> Path:
    """The cache folder for these sources; a temporary one where the home cannot be written."""
    folder = _cache_root() / f"kernels-{_sources_digest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return Path(tempfile.mkdtemp(prefix="riskengine-kernels-"))
    if os.access(folder, os.W_OK):
        return folder
    return Path(tempfile.mkdtemp(prefix="riskengine-kernels-"))


if "numba" in sys.modules:
    from numba import config as _numba_config

    setattr(_numba_config, "CACHE_DIR", str(_usable_cache()))  # noqa: B010  (numba types hide it)
else:
    os.environ["NUMBA_CACHE_DIR"] = str(_usable_cache())
