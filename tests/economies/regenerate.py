"""Write the shipped importers anew: `python -m tests.economies.regenerate`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import riskengine

FOLDER = Path(__file__).parents[2] / "configs" / "importers"
IMPORTERS = {
    "germany": "Germany",
    "united-states": "United States",
    "india": "India",
    "taiwan": "Taiwan",
    "european-union": "EU",
    "korea": "Korea",
    "japan": "Japan",
}  #: folders of shipped cases -> importers


def written(name: str, folder: Path) -> dict[str, bytes]:
    """The files that the generator writes for a shipped importer, by path in its folder."""
    made = riskengine.new_for(folder / name, IMPORTERS[name]).config
    files = [made, *(made.parent / "tables").iterdir()]
    return {path.relative_to(made.parent).as_posix(): path.read_bytes() for path in files}


def main() -> None:
    """Replace all folders of shipped importers."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = {name: written(name, Path(folder)) for name in IMPORTERS}
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, files in fresh.items():
        for file, data in files.items():
            path = FOLDER / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        print(FOLDER / name)


if __name__ == "__main__":
    main()
