"""How the documentation becomes a site; `make site` builds it into `build/site`.

The root of the repository is the source, so that links between pages and to other files of the
repository are the same on a forge and in the site.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.application import Sphinx

import riskengine

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "riskengine"
author = "the riskengine authors"
project_copyright = "the riskengine authors, BSD-3-Clause"
version = release = riskengine.__version__

root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "benchmarks/README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
]
exclude_patterns = [".*", "build", "results", "riskengine", "tests", "configs"]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "room",
]
default_role = "code"  # docstrings have plain backticks
smartquotes = False  # or options such as --set would have a dash

myst_heading_anchors = 4  # with the names that forges give them
myst_disable_syntax = ["myst_line_comment", "myst_block_break"]  # a line may begin with % or +
nb_execution_mode = "force"  # notebooks are committed without outputs
nb_execution_raise_on_error = True

autodoc_typehints = "none"  # numpydoc sections say it in words
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = "riskengine"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["_root"]  # index.html, which leads to docs/index.html
html_copy_source = False
html_use_index = False  # the search finds more
html_domain_indices = False
html_show_sphinx = False
html_show_search_summary = False  # browsers fetch no pages for it where the site is a folder


def setup(app: Sphinx) -> None:
    """Keep docstrings of properties: napoleon takes what is before a colon in them for a type."""
    kept: dict[str, list[str]] = {}

    def keep(
        _app: Sphinx, what: str, name: str, _of: object, _how: object, lines: list[str]
    ) -> None:
        if what == "property":
            kept[name] = list(lines)

    def restore(
        _app: Sphinx, _what: str, name: str, _of: object, _how: object, lines: list[str]
    ) -> None:
        lines[:] = kept.pop(name, lines)

    app.connect("autodoc-process-docstring", keep, priority=100)
    app.connect("autodoc-process-docstring", restore, priority=900)
