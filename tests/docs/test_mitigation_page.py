"""`docs/mitigation.md` names every file and every column of a mitigation study."""

from __future__ import annotations

import io
import re
from pathlib import Path

from report.mitigation_worlds import study

from riskengine.store.mitigation import mitigation_files

PAGE = (Path(__file__).parents[2] / "docs" / "mitigation.md").read_text(encoding="utf-8")
_ENDS = re.compile("_(lower|upper)$")


def test_every_column_of_every_file_is_explained() -> None:
    named = set(re.findall("`([a-z_0-9]+)`", PAGE))
    missing = []
    for name, write in mitigation_files(study(), excel_csv=False).items():
        assert f"`{name}`" in PAGE
        file = io.BytesIO()
        write(file)
        for column in file.getvalue().decode().splitlines()[0].split(","):
            if column not in named and _ENDS.sub("", column) not in named:
                missing.append(f"{name}: {column}")
    assert missing == []
