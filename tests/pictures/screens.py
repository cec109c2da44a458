"""The page in Chromium and the workbook in LibreOffice, as small PNG files."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageChops

from tests.chromium import FLAGS, NAMES
from tests.pictures.subjects import HOME, Subjects

_LONGEST = 300  #: seconds for a program; a hang ends it
_COLOURS = 64  #: of a picture: a page has few
_LIGHT = ("--hide-scrollbars", "--blink-settings=preferredColorScheme=1")
_WIDTH, _HEIGHT = 1000, 1500  #: pixels: from the top of the page
_DOTS_PER_INCH = 110  #: of the sheet
_MARGIN = 14  #: pixels around it
_UPPER = 0.6  #: of its width is the height that is shown


class Missing(Exception):
    """A program that is not installed."""


def taken(subjects: Subjects) -> Iterator[tuple[Path, str]]:
    """Take each picture that can be taken: its file, and what is missing or an empty text."""
    for name, take in SCREENS.items():
        missing = ""
        try:
            take(subjects, HOME / name)
        except Missing as found:
            missing = str(found)
        yield HOME / name, missing


def _program(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise Missing(f"{' or '.join(names)} is not installed")
    return found


def _page(subjects: Subjects, place: Path) -> None:
    """The top of the report page."""
    browser = _program(*NAMES)
    page, shot = subjects.folder / "report.html", subjects.folder / "shot.png"
    page.write_text(subjects.report, "utf-8")
    own = (f"--user-data-dir={subjects.folder / 'profile'}", f"--screenshot={shot}")
    _run(browser, *FLAGS, *_LIGHT, *own, f"--window-size={_WIDTH},{_HEIGHT}", page.as_uri())
    with Image.open(shot) as image:
        _save(image, place)


def _sheet(subjects: Subjects, place: Path) -> None:
    """The upper part of the first sheet of the workbook."""
    office, painter = _program("soffice"), _program("pdftoppm")
    book = subjects.folder / "risk.xlsx"
    book.write_bytes(subjects.workbook())
    profile = f"-env:UserInstallation={(subjects.folder / 'office').as_uri()}"
    _run(office, profile, "--headless", "--convert-to", "pdf", "--outdir", subjects.folder, book)
    shot = subjects.folder / "sheet"
    first = ("-f", "1", "-l", "1", "-singlefile", "-png", "-r", str(_DOTS_PER_INCH))
    _run(painter, *first, book.with_suffix(".pdf"), shot)
    with Image.open(shot.with_suffix(".png")) as image:
        plain = image.convert("RGB")
    edges = ImageChops.difference(plain, Image.new("RGB", plain.size, "white")).getbbox()
    left, top, right, _ = edges or (0, 0, *plain.size)
    bottom = top + round(_UPPER * (right - left))
    _save(plain.crop((left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom)), place)


def _run(*command: object) -> None:
    subprocess.run([*map(str, command)], capture_output=True, timeout=_LONGEST, check=True)


def _save(image: Image.Image, place: Path) -> None:
    few = image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(place, optimize=True)


SCREENS: dict[str, Callable[[Subjects, Path], None]] = {
    "report-page.png": _page,
    "risk-summary.png": _sheet,
}
