"""Which names scenarios can have: their folders must be safe on any system."""

import pytest

from riskengine.batches.names import BATCH_FILES, fault_of_folder, name_faults


@pytest.mark.parametrize(
    "name", ["korea", "korea-2026", "Korea no 2", "한국", "日本 2026", "v1.2", "a_b"]
)
def test_letters_digits_spaces_and_three_signs_make_a_name(name):
    assert fault_of_folder(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../korea", 'holds "/"'),
        ("a\\b", 'holds "\\"'),
        ("c:", 'holds ":"'),
        ("..", "begins or ends with a sign"),
        (".hidden", "begins or ends with a sign"),
        ("-option", "begins or ends with a sign"),
        ("korea.", "begins or ends with a sign"),
        ("korea ", "begins or ends with a sign"),
        ("~$book", 'holds "~"'),
        ("=1+1", 'holds "="'),
        ("a<b", 'holds "<"'),
        ("(mixture)", 'holds "("'),
        ("a\x1b[2J", "holds U+001B"),
        ("CON", "Windows keeps it"),
        ("lpt1.old", "Windows keeps it"),
        ("x" * 121, "121 bytes"),
        ("한" * 41, "123 bytes"),
        ("manifest.json", "file of the batch"),
        ("Batch.CSV", "file of the batch"),
    ],
)
def test_a_name_that_no_folder_can_have_everywhere_is_refused(name, why):
    assert why in fault_of_folder(name)


@pytest.mark.parametrize("name", BATCH_FILES)
def test_no_scenario_takes_the_place_of_a_file_of_the_batch(name):
    assert fault_of_folder(name) == "is the name of a file of the batch"


@pytest.mark.parametrize("other", ["Korea", "KOREA", "k\u043erea", "ko rea"])
def test_names_that_a_disk_or_a_person_takes_for_one_are_refused(other):
    found = list(name_faults([(("korea",), "korea"), ((other,), other)]))
    assert [fault.path for fault in found] == [(other,)]
    assert "look alike" in found[0].found
