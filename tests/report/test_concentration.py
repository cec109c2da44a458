"""The concentration report: sentences, tables, page and workbook say the same."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner
from report.workbook_worlds import opened, table

from riskengine.cli import root
from riskengine.economies.concentration import (
    DEMAND,
    IMPORTS,
    WORLD,
    Concentration,
    Supplier,
    SupplyStage,
)
from riskengine.reports.concentration.files import concentration_files
from riskengine.reports.concentration.tables import (
    largest_table,
    map_table,
    sentences,
    tables,
    trend_table,
)

EVIL = "=HYPERLINK(1)<script>x</script>"


def suppliers(**shares: float) -> tuple[Supplier, ...]:
    return tuple(
        Supplier(country=country, share=share, is_third=country != "Home")
        for country, share in shares.items()
    )


def stage(material: str, kind: str, **shares: float) -> SupplyStage:
    return SupplyStage(material=material, kind=kind, stage=kind, suppliers=suppliers(**shares))


FOUND = Concentration(
    title=EVIL,
    stages=(
        SupplyStage(
            material="gallium", kind=WORLD, stage="world, mine", years="2025",
            suppliers=suppliers(China=0.9, Japan=0.05), by_year={2024: 0.8, 2025: 0.9},
            lowest=0.8, mean=0.85, highest=0.9,
        ),
        SupplyStage(
            material="gallium", kind=IMPORTS, stage="imports of Home", years="2022 to 2024",
            suppliers=suppliers(China=0.6, Japan=0.4), lowest=0.04, mean=0.6, highest=0.98,
            quality="unstable",
        ),
        stage("gallium", DEMAND, China=0.7, Japan=0.2, Home=0.1),
        stage(EVIL, DEMAND, China=0.5),
        stage("tin", DEMAND, Home=0.8, **{f"c{k}": 0.01 for k in range(12)}),
    ),
    unseen=(EVIL,),
)  # fmt: skip


def test_the_answer_is_said_in_sentences() -> None:
    first, above, moved, unseen = sentences(FOUND)
    assert first == "China is the largest supplier of 2 of 3 materials of the scenario."
    assert above == (
        "One third country supplies more than 65 % of the demand for 1 of them: gallium (China "
        "70 %). The EU lists 1 of these as strategic."
    )
    assert "gallium (China 4 % to 98 %, imports of Home)" in moved
    assert EVIL in unseen


def test_the_map_adds_up_to_the_sources_and_has_few_columns() -> None:
    made = map_table(FOUND)
    assert [column.heading for column in made.columns][:3] == ["material".capitalize(), "China",
                                                                "Home"]  # fmt: skip
    assert len(made.columns) == 12  # the material, ten countries, the others
    narrow = tables(FOUND, is_narrow=True)[1]
    assert len(narrow.columns) == 8
    assert [sum(cell for cell in cells[1:] if cell) for cells in narrow.cells()] == pytest.approx(  # type: ignore[misc]
        [1.0, 0.5, 0.92]
    )
    sums = [sum(cell for cell in cells[1:] if cell) for cells in made.cells()]  # type: ignore[misc]
    assert sums == pytest.approx([1.0, 0.5, 0.92])


def test_page_and_workbook_hold_the_tables() -> None:
    files = concentration_files(FOUND)
    assert files == concentration_files(FOUND)
    page = unescape(files["concentration.html"].decode()).replace("\xa0", " ")
    assert "<script>x" not in files["concentration.html"].decode()
    for made in tables(FOUND, is_narrow=True):
        assert all(cell in page for row in made.shown() for cell in row)
    book = opened(files["concentration.xlsx"])
    for sheet, made in (
        ("Largest suppliers", largest_table(FOUND)),
        ("Supplier map", map_table(FOUND)),
        ("Trend", trend_table(FOUND)),
    ):
        rows = [[cell.value for cell in row.values()] for row in table(book[sheet], made.key)]
        assert rows == [[None if cell == "" else cell for cell in row] for row in made.cells()]
        assert not any(cell.data_type == "f" for row in book[sheet].iter_rows() for cell in row)


def test_nothing_known_is_said() -> None:
    files = concentration_files(Concentration(title="", stages=(), unseen=()))
    assert opened(files["concentration.xlsx"])["Trend"]["A3"].value == "Nothing is known."


@pytest.mark.whole
def test_check_writes_the_report_where_it_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "suppliers"
    arguments = ["check", "configs/minimal.toml", "--concentration", str(folder)]
    done = CliRunner().invoke(root, arguments)
    assert done.exit_code == 0, done.output
    assert "Share of the largest supplier by stage" in done.stdout
    assert {path.name for path in folder.iterdir()} == {"concentration.html", "concentration.xlsx"}
    assert CliRunner().invoke(root, arguments).exit_code == 0  # over those of an earlier call
