"""Pages whose figures come from `results/cases/`: a template with `<<name>>` where a figure stands.

A page with few figures has templates of those sentences only.

`make figures` writes the pages; tests/docs/test_written.py asks whether they are current.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from docs.pages import ROOT

TEMPLATES = Path(__file__).parent / "templates"
SENTENCES = TEMPLATES / "sentences"  #: of pages of docs/ with few figures, an empty line between
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


def sentences(name: str) -> list[str]:
    """What a page says with figures, where the rest has none; each begins with words."""
    return (SENTENCES / name).read_text("utf-8").strip().split("\n\n")


def filled(page: str, templates: Iterable[str], figures: Mapping[str, str]) -> str:
    """A page with its figures as they are now; lines may break anywhere in a sentence.

    Raises
    ------
    LookupError
        If a sentence does not stand in the page exactly once.
    """
    for template in templates:
        words = _PLACE.split(template)  # text, name, text, name, ..., text
        literal = [r"\s+".join(map(re.escape, re.split(r"\s+", part))) for part in words[::2]]
        whole = "([^|\\n]*?)".join(literal)
        found = list(re.finditer(rf"{whole}(?<!\.(?=\d))", page))  # a point that ends it
        if len(found) != 1:
            raise LookupError(f"stands {len(found)} times in the page: {template}")
        for number in range(len(words) // 2, 0, -1):
            start, end = found[0].span(number)
            page = f"{page[:start]}{figures[words[2 * number - 1]]}{page[end:]}"
    return page


def write_pages() -> None:
    """Write every page from its template."""
    from docs.figures import figures

    texts = figures()
    for name, page in PAGES.items():
        template = (TEMPLATES / name).read_text("utf-8")
        (ROOT / page).write_text(rendered(template, texts), "utf-8")
    for path in sorted(SENTENCES.glob("*.md")):
        page = ROOT / "docs" / path.name
        page.write_text(filled(page.read_text("utf-8"), sentences(path.name), texts), "utf-8")
