"""Pages whose figures come from `results/cases/`: a template with `<<name>>` where a figure stands.

`make figures` writes the pages; tests/docs/test_written.py asks whether they are current.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from docs.pages import ROOT

TEMPLATES = Path(__file__).parent / "templates"
_PLACE = re.compile(r"<<([\w-]+)>>")
PAGES = {  #: template: the page that it becomes
    "readme.md": "README.md",
    "korea.md": "docs/korea.md",
    "case-study.md": "docs/case-study.md",
}


def rendered(template: str, figures: Mapping[str, str]) -> str:
    """The text of a page.

    Parameters
    ----------
    template : str
        The text with `<<name>>` in it.
    figures : Mapping[str, str]
        What stands there, by name.
    """
    return _PLACE.sub(lambda found: figures[found[1]], template)


def write_pages() -> None:
    """Write every page from its template."""
    from docs.figures import figures

    texts = figures()
    for name, page in PAGES.items():
        template = (TEMPLATES / name).read_text("utf-8")
        (ROOT / page).write_text(rendered(template, texts), "utf-8")
