"""Tables of episodes: what is read, and what each slip is met with, at its cell."""
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from calibrate_worlds import TODAY, history, read

from riskengine.errors import ConfigFault, Fault
from riskengine.fits.cautions import first_days
from riskengine.fits.columns import group_names
from riskengine.fits.episodes import EpisodeTable
from riskengine.fits.reading import read_episodes

HEAD = "id,start_date,end_date,censored,duration_days,near_zero_flow_days,flow_recovered_by_days,escalated_from,start_precision,end_precision,cluster\n"
GOOD = "E1,2020-01-01,2020-03-01,0,,,,,,,\n"


def faults(folder: Path, text: str | bytes, name: str = "t.csv") -> tuple[Fault, ...]:
    with pytest.raises(ConfigFault) as caught:
        read(folder, text, name)
    return caught.value.faults


def test_the_shipped_history_is_sound() -> None:
    table = history()
    assert len(table.episodes) == 59
    assert len({episode.cluster for episode in table.episodes}) == 46
    assert table.cut_off == date(2026, 1, 8)
    assert sum(episode.censored for episode in table.episodes) == 24
    assert all(episode.cells["source_url"] for episode in table.episodes)


def test_dates_are_as_exact_as_they_are_said_to_be(tmp_path: Path) -> None:
    row = "E1,2020-02-10,2021-05-20,0,,,,,month,quarter,\nE2,2019,2020-03,0,,,,,,,\n"
    first, second = read(tmp_path, HEAD + row).episodes
    assert first.start is not None
    assert first.end is not None
    assert (first.start.first, first.start.last) == (date(2020, 2, 1), date(2020, 2, 29))
    assert (first.end.first, first.end.last) == (date(2021, 4, 1), date(2021, 6, 30))
    assert second.start is not None
    assert second.end is not None
    assert (second.start.first, second.start.last) == (date(2019, 1, 1), date(2019, 12, 31))
    assert (second.end.first, second.end.last) == (date(2020, 3, 1), date(2020, 3, 31))


def test_durations_and_censoring_alone_are_enough(tmp_path: Path) -> None:
    table = read(tmp_path, "duration_days,censored,kind\n30,0,ban\n45.5,1,ban\n")
    assert [e.duration_days for e in table.episodes] == [30.0, 45.5]
    assert [e.censored for e in table.episodes] == [False, True]
    assert table.cut_off is None
    assert table.episodes[0].cells["kind"] == "ban"


@pytest.mark.costly
def test_ten_thousand_rows_are_read_and_one_more_is_refused(tmp_path: Path) -> None:
    rows = "duration_days,censored\n" + "30,0\n" * 10_000
    assert len(read(tmp_path, rows).episodes) == 10_000
    (fault,) = faults(tmp_path, rows + "30,0\n")
    assert fault.found == "has 10,001 rows below the header"
    assert fault.allowed == "at most 10,000"


def test_a_sheet_of_a_workbook_is_read_with_its_dates(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Notes")
        sheet = book.add_worksheet("History")
        sheet.write_row(0, 0, ["start_date", "end_date", "censored", "instrument"])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime(1, 0, date(2020, 1, 1), day)
        sheet.write_datetime(1, 1, date(2020, 3, 1), day)
        sheet.write_row(1, 2, [0, "=ban"])
        sheet.write_row(2, 0, ["2021-01", "", 1, "ban"])
    table = read_episodes(f"{path}#History", TODAY)
    assert table.name == "b.xlsx#History"
    assert [e.id for e in table.episodes] == ["row 2", "row 3"]
    assert table.episodes[0].end is not None
    assert table.episodes[0].end.given == date(2020, 3, 1)
    assert table.episodes[1].start is not None
    assert table.episodes[1].start.last == date(2021, 1, 31)


@pytest.mark.parametrize(
    "row",
    [
        # the first and the last day may be counted or not: 61 days lie between them
        "E1,2020-03-01,2020-05-01,0,60,,,,,,\n",
        "E1,2020-03-01,2020-05-01,0,62,,,,,,\n",
        # 31 March to 1 May, and 1 March to 31 May: 31 and 91 days
        "E1,2020-03,2020-05,0,30,,,,,,\n",
        "E1,2020-03,2020-05,0,92,,,,,,\n",
        # trade may recover on the day on which it stops being near zero
        "E1,2020-03-01,2020-05-01,0,,50,50,,,,\n",
    ],
)
def test_durations_may_go_as_far_as_the_dates_allow(tmp_path: Path, row: str) -> None:
    assert len(read(tmp_path, HEAD + row).episodes) == 1


CELLS = [
    ("E1,2020-03-01,2020-01-01,0,,,,,,,\n", "C2", "lies before the start"),
    ("E1,2020-03-01,2020-03-01,0,,,,,,,\n", "C2", "a duration of 0"),
    ("E1,2027-03-01,,1,,,,,,,\n", "B2", "lies in the future"),
    ("E1,2020-03-01,2027-01-01,0,,,,,,,\n", "C2", "lies in the future"),
    ("E1,2020-03-01,,0,,,,,,,\n", "C2", "censored = 0 says that the episode ended"),
    ("E1,2020-03-01,2020-05-01,1,,,,,,,\n", "C2", "censored = 1 says that there is no end"),
    ("E1,,2020-05-01,0,,,,,,,\n", "B2", "is missing"),
    ("E1,2020-03-01,2020-05-01,yes,,,,,,,\n", "D2", "0 where the episode has ended"),
    ("E1,2020-03-01,2020-05-01,2,,,,,,,\n", "D2", "1 where it is still in force"),
    ("E1,2020-03-01,2020-05-01,,,,,,,,\n", "D2", "is missing"),
    ("E1,2020-03-01,2020-05-01,0,-5,,,,,,\n", "E2", "above 0"),
    ("E1,2020-03-01,2020-05-01,0,0,,,,,,\n", "E2", "above 0"),
    ("E1,2020-03-01,2020-05-01,0,99,,,,,,\n", "E2", "61 days apart"),
    ("E1,2020-03-01,2020-05-01,0,59.9,,,,,,\n", "E2", "is 59.9, and the dates are 61 days apart"),
    ("E1,2020-03-01,2020-05-01,0,62.1,,,,,,\n", "E2", "is 62.1, and the dates are 61 days apart"),
    ("E1,2020-03-01,2020-05-01,0,\"61,5\",,,,,,\n", "E2", "write 61.5"),
    ("E1,2020-03-01,2020-05-01,0,61 days,,,,,,\n", "E2", "a number of days"),
    ("E1,2020-03-01,2020-05-01,0,1e999,,,,,,\n", "E2", "not finite"),
    ("E1,2020-03-01,2020-05-01,0,,0,,,,,\n", "F2", "empty where unknown"),
    ("E1,2020-03-01,2020-05-01,0,,50,40,,,,\n", "G2", "before the 50 days of near-zero flow"),
    ("E1,2020-03-01,2020-05-01,0,,,,,monht,,\n", "I2", "month"),
    ("E1,01.03.2020,2020-05-01,0,,,,,,,\n", "B2", "write the year first"),
    ("E1,31/03/2020,2020-05-01,0,,,,,,,\n", "B2", "write 2020-03-31"),
    ("E1,2020/3/1,2020-05-01,0,,,,,,,\n", "B2", "write 2020-03-01"),
    ("E1,2020-02-30,2020-05-01,0,,,,,,,\n", "B2", "a day that no calendar has"),
    ("E1,soon,2020-05-01,0,,,,,,,\n", "B2", "2023-08 where only the month is known"),
    (GOOD + GOOD, "A3", "the id of row 2 as well"),
    (GOOD + "E2,2020-03-01,2020-05-01,0,,,,E9,,,\n", "H3", 'no episode "E9"'),
    (GOOD + "E2,2019-03-01,2020-05-01,0,,,,E1,,,\n", "H3", "began later"),
    ("E1,2020-03-01,2020-05-01,0,,,,E2,,,\nE2,2020-03-01,2020-05-01,0,,,,E1,,,\n", "H2", "E1 < E2 < E1"),
    ("E1,2020-03-01,2020-05-01,0,,,,E1,,,\n", "H2", "E1 < E1"),
    ("E1,2020-01-01,2020-03-01,0,,,,,,,,x\n", "L2", "without a header"),
    ("E\x1b1,2020-01-01,2020-03-01,0,,,,,,,\n", "A2", "control character"),
    ("\n\n", "A1", "no row below the header"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "cell", "word"), CELLS, ids=[word for _, _, word in CELLS])
def test_a_slip_in_a_row_is_met_at_its_cell(
    tmp_path: Path, rows: str, cell: str, word: str
) -> None:
    found = faults(tmp_path, HEAD + rows)
    met = [fault for fault in found if fault.cell == cell]
    assert met, found
    assert all(fault.file.endswith("t.csv") for fault in met)
    assert any(word in " ".join((f.found, f.allowed, f.hint)) for f in met), met


@pytest.mark.parametrize(
    ("text", "cell", "word"),
    [
        ("start_date,end_date,censord\n2020-01-01,,1\n", "C1", 'did you mean "censored"?'),
        ("start,end_date,censored\n2020-01-01,,1\n", "A1", 'no column "start_date"'),
        ("start_date,censored\n2020-01-01,1\n", "A1", 'no column "end_date"'),
        ("kind,censored\nban,1\n", "A1", 'no column "duration_days"'),
        ("duration_days,censored,escalated_from\n3,0,E1\n", "A1", 'no column "id"'),
        ("duration_days,censored,censored\n3,0,0\n", "C1", "twice"),
        ("start_date;end_date;censored\n2020-01-01;;1\n", "A1", "separated by semicolons"),
        ("start_date\tend_date\tcensored\n2020-01-01\t\t1\n", "A1", "separated by tabs"),
        ("", "", "is empty"),
        ("start_date,end_date,censored,대상\n2020-01-01,,1,한국\n".encode("cp949"), "", "CP949"),
        ("start_date,end_date,censored\n2020-01-01,,1\n".encode("utf-16"), "", "UTF-16"),
        ("start_date,end_date,censored\n", "A1", "no row below the header"),
    ],
    ids=lambda value: str(value)[:28],
)  # fmt: skip
def test_a_file_that_is_no_table_of_episodes_is_named_as_what_it_is(
    tmp_path: Path, text: str | bytes, cell: str, word: str
) -> None:
    first = faults(tmp_path, text)[0]
    assert first.file.endswith("t.csv")
    assert first.cell == cell
    assert word in " ".join((first.found, first.allowed, first.hint))


def test_a_missing_file_is_met_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "episodes.csv").write_text("x")
    with pytest.raises(ConfigFault, match=r'did you mean "episodes.csv"\?'):
        read_episodes(str(tmp_path / "episode.csv"), TODAY)


def test_a_table_too_long_for_the_bootstrap_is_refused(tmp_path: Path) -> None:
    text = "duration_days,censored\n" + "9,0\n" * 10_001
    (fault,) = faults(tmp_path, text)
    assert "10,001 rows" in fault.found
    assert "at most 10,000" in fault.allowed


def test_all_slips_are_met_at_once_in_the_order_of_the_rows(tmp_path: Path) -> None:
    rows = "E1,2020-03-01,2020-01-01,0,,,,,,,\nE2,2020-01-01,,maybe,,,,,,,\nE3,2020-01-01,,1,-1,,,,,,\n"
    assert [fault.cell for fault in faults(tmp_path, HEAD + rows)] == ["C2", "D3", "E4"]


@pytest.mark.parametrize(
    ("cell", "column", "names"),
    [
        ("gallium, germanium", "materials", ["gallium", "germanium"]),
        ("graphite (natural, spherical); gallium", "material", ["graphite (natural, spherical)", "gallium"]),
        ("Taiwan, Hong Kong; Korea", "target", ["Taiwan, Hong Kong", "Korea"]),
        ("gallium, gallium,", "materials", ["gallium"]),
        ("", "instrument", ["(not given)"]),
    ],
)  # fmt: skip
def test_one_cell_may_put_an_episode_into_several_groups(
    cell: str, column: str, names: list[str]
) -> None:
    assert group_names(cell, column) == names


BAD_DATE = "E1,01.03.2020,2020-05-01,0,,,,,,,\n"
LINKED = "E2,2020-06-01,2020-08-01,0,,,,E1,,,\n"


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        (BAD_DATE + LINKED, ["B2"]),
        ("E1,2020-05-01,2020-03-01,0,,,,,,,\n" + LINKED, ["C2"]),
        ("E1,2027-03-01,,1,,,,,,,\n" + LINKED, ["B2"]),
        ("E1,2020-09-01,2020-10-01,0,,,,,,,,x\n" + LINKED, ["L2"]),
        ("E\x1b1,2020-01-01,2020-03-01,0,,,,,,,\n" + LINKED, ["A2"]),
        (GOOD + "E2,2020-06-01,2020-08-01,0,,,,E\x1b1,,,\n", ["H3"]),
    ],
    ids=["bad date", "end before start", "in the future", "stray cell", "bad id", "bad link"],
)
def test_a_slip_in_a_row_is_met_once_and_links_to_the_row_stay_sound(
    tmp_path: Path, rows: str, cells: list[str]
) -> None:
    assert [fault.cell for fault in faults(tmp_path, HEAD + rows)] == cells


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        (BAD_DATE + "E2,2020-06-01,2020-08-01,0,,,,E9,,,\n", ["B2", "H3"]),
        (BAD_DATE + BAD_DATE, ["B2", "A3", "B3"]),
        (BAD_DATE.replace(",,,,,,,", ",,,,E2,,,") + LINKED, ["B2", "H2"]),
        ("E1,soon,2020-05-01,0,,,,E9,,,\n", ["B2", "H2"]),
    ],
    ids=["dangling link", "equal ids", "circle", "dangling link of the row itself"],
)
def test_what_else_is_wrong_with_a_faulty_row_and_its_links_is_met_at_once(
    tmp_path: Path, rows: str, cells: list[str]
) -> None:
    assert [fault.cell for fault in faults(tmp_path, HEAD + rows)] == cells


def test_a_cell_without_a_value_is_met_once(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "start_date", "end_date", "censored", "escalated_from"])
        sheet.write_row(1, 0, ["E1", "", "2020-03-01", 0])
        sheet.write_formula(1, 1, "=NA()", None, "#N/A")
        sheet.write_row(2, 0, ["", "2020-04-01", "2020-06-01", 0, "E1"])
        sheet.write_row(3, 0, ["E3", "2020-04-01", "2020-06-01", 0, "E2"])
        sheet.write_formula(2, 0, "=NA()", None, "#N/A")
    with pytest.raises(ConfigFault) as caught:
        read_episodes(str(path), TODAY)
    assert [fault.cell for fault in caught.value.faults] == ["B2", "A3"]


def events(table: EpisodeTable) -> int:
    return len({episode.cluster for episode in table.episodes})


@pytest.mark.parametrize(
    "nothing", ["", " ", "NA", "N/A", "n.a.", "nan", "NaN", "NaT", "<NA>", "NULL", "None", "none", "-", "–", " - ", ".."]
)  # fmt: skip
def test_a_cell_that_says_nothing_is_empty_in_every_optional_column(
    tmp_path: Path, nothing: str
) -> None:
    rows = "".join(f"{nothing},20{n}-01-01,20{n}-03-01,0,,,,,,,{nothing}\n" for n in range(10, 16))
    table = read(tmp_path, HEAD + rows.replace(",0,,,,,,,", f",0,{','.join([nothing] * 6)},"))

    assert events(table) == 6
    assert [e.id for e in table.episodes] == [f"row {n}" for n in range(2, 8)]
    assert {(e.parent, e.duration_days, e.near_zero_days) for e in table.episodes} == {
        ("", None, None)
    }
    assert {e.start.first == e.start.last for e in table.episodes if e.start} == {True}


def test_an_end_that_is_not_available_is_no_end(tmp_path: Path) -> None:
    (episode,) = read(tmp_path, HEAD + "E1,2020-01-01,NA,1,,,,,,,\n").episodes
    assert (episode.end, episode.censored) == (None, True)


def test_a_group_may_be_called_NA(tmp_path: Path) -> None:
    table = read(tmp_path, "duration_days,censored,country\n3,0,NA\n")
    assert table.episodes[0].cells["country"] == "NA"


def test_whether_an_episode_ended_must_be_known(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, HEAD + "E1,2020-01-01,2020-03-01,NA,,,,,,,\n")
    assert (fault.cell, fault.found) == ("D2", 'is the text "NA"')


def test_whether_an_episode_ended_may_be_written_by_a_program(tmp_path: Path) -> None:
    table = read(tmp_path, "duration_days,censored\n3,1.0\n4,0.0\n")
    assert [e.censored for e in table.episodes] == [True, False]


KNOWN_HEADINGS = HEAD.strip().split(",")


@pytest.mark.parametrize("heading", KNOWN_HEADINGS)
@pytest.mark.parametrize(
    "write",
    [str.upper, str.title, lambda h: h.replace("_", " ").title() + ".", lambda h: h.replace("_", "-").capitalize() + ":",
     lambda h: f"{h}s" if len(h) > 4 else h.upper()],
    ids=["upper", "title", "words", "hyphens", "plural"],
)  # fmt: skip
def test_a_heading_that_is_nearly_known_is_met_with_the_known_one(
    tmp_path: Path, heading: str, write: Callable[[str], str]
) -> None:
    header = [write(known) if known == heading else known for known in KNOWN_HEADINGS]

    (fault,) = faults(tmp_path, ",".join(header) + "\n" + GOOD)

    assert fault.cell == f"{'ABCDEFGHIJK'[KNOWN_HEADINGS.index(heading)]}1"
    assert fault.hint == f'did you mean "{heading}"?'


@pytest.mark.parametrize("heading", [" cluster ", "\u00a0cluster\t"])
def test_blanks_around_a_heading_do_not_count(tmp_path: Path, heading: str) -> None:
    rows = "3,0,a\n4,0,a\n5,0,b\n"
    assert events(read(tmp_path, f"duration_days,censored,{heading}\n{rows}")) == 2


def test_headings_of_groups_may_be_anything_else(tmp_path: Path) -> None:
    header = (
        "duration_days,censored,materials,trigger,start_status,end_status,exposure,ids,class,target"
    )
    assert read(tmp_path, f"{header}\n3,0,a,b,c,d,e,f,g,h\n").episodes[0].cells["class"] == "g"


@pytest.mark.parametrize(
    ("ids", "link", "meant"),
    [(("1", "2"), "1.0", "1"), (("1.0", "2.0"), "1", "1.0"), (("01", "02"), "1", "01"), (("1", "2"), "1.", "1")],
)  # fmt: skip
def test_an_id_that_a_program_wrote_as_a_decimal_is_met_with_the_id(
    tmp_path: Path, ids: tuple[str, str], link: str, meant: str
) -> None:
    rows = f"{ids[0]},2019-03-01,2019-05-01,0,\n{ids[1]},2019-06-01,2019-09-01,0,{link}\n"

    (fault,) = faults(tmp_path, "id,start_date,end_date,censored,escalated_from\n" + rows)

    assert (fault.cell, fault.hint) == ("E3", f'did you mean "{meant}"?')


MONTHS = [
    ("2019-03", "2019-04"),
    ("2020-01", "2020-02"),
    ("2020-06", "2020-10"),
    ("2021-02", "2021-03"),
]


def workbook_of(path: Path, rows: Sequence[Sequence[object]], form: str) -> str:
    """A workbook whose dates are shown in a format; returns its path."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("History")
        style = book.add_format({"num_format": form})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date | timedelta):
                    sheet.write_datetime(number, column, value, style)  # type: ignore[arg-type]
                else:
                    sheet.write(number, column, value)
    return str(path)


@pytest.mark.parametrize("form", ["mmm-yy", "yyyy-mm", "mmmm yyyy"])
def test_months_in_a_workbook_are_as_exact_as_months_in_csv(tmp_path: Path, form: str) -> None:
    rows = "".join(f"{start},{end},0\n" for start, end in MONTHS)
    text = read(tmp_path, "start_date,end_date,censored\n" + rows)
    typed = [[*(date.fromisoformat(f"{month}-01") for month in pair), 0] for pair in MONTHS]

    sheet = read_episodes(
        workbook_of(tmp_path / "m.xlsx", [["start_date", "end_date", "censored"], *typed], form),
        TODAY,
    )

    assert sheet.name == "m.xlsx#History"
    assert [(e.start, e.end) for e in sheet.episodes] == [(e.start, e.end) for e in text.episodes]
    assert sheet.episodes[0].start is not None
    assert (sheet.episodes[0].start.first, sheet.episodes[0].start.last) == (
        date(2019, 3, 1),
        date(2019, 3, 31),
    )


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("01 01 01 01 01 01", 1),
        ("01 01 01 01 01 17", 1),
        ("01 01 01 01", 0),
        ("01 01 01 01 17 18 19 20", 0),
    ],
)
def test_exact_dates_that_are_all_first_days_are_remarked(
    tmp_path: Path, days: str, said: int
) -> None:
    given = days.split()
    rows = "".join(
        f"20{10 + n}-03-{start},20{10 + n}-08-{end},0\n"
        for n, (start, end) in enumerate(zip(given[::2], given[1::2], strict=True))
    )
    table = read(tmp_path, "start_date,end_date,censored\n" + rows)
    exact = read(
        tmp_path,
        "start_date,end_date,censored,date_precision\n" + rows.replace(",0\n", ",0,month\n"),
    )

    assert len(list(first_days(table))) == said
    assert list(first_days(exact)) == []


def test_first_days_of_the_shipped_history_are_no_accident_of_a_spreadsheet() -> None:
    assert list(first_days(history())) == []


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [("censored", timedelta(0), "is the duration 0 days"), ("duration_days", timedelta(days=3), "is the duration 3 days"),
     ("start_date", timedelta(days=3), "is the duration 3 days"), ("cluster", timedelta(days=3), "")],
)  # fmt: skip
def test_a_duration_cell_is_met_at_its_cell_or_is_a_text(
    tmp_path: Path, column: str, value: timedelta, word: str
) -> None:
    row: dict[str, object] = {
        "start_date": "2020-01-01", "end_date": "2020-03-01", "censored": 0, "duration_days": 60, "cluster": "a",
    }  # fmt: skip
    row[column] = value
    path = workbook_of(tmp_path / "m.xlsx", [list(row), list(row.values())], "[h]:mm")
    if not word:
        assert read_episodes(path, TODAY).episodes[0].cluster == "3 days, 0:00:00"
        return
    with pytest.raises(ConfigFault) as caught:
        read_episodes(path, TODAY)
    assert [(f.cell, f.found) for f in caught.value.faults] == [
        (f"{'ABCDE'[list(row).index(column)]}2", word)
    ]
