"""Who is who, from a table and from names."""

from __future__ import annotations

import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.tasks.subjects import known_of_recordings, read_subjects


@pytest.fixture
def read(tmp_path):
    def reading(text, encoding="utf-8"):
        path = tmp_path / "subjects.csv"
        path.write_text(text, encoding=encoding, newline="")
        table = read_subjects(path)
        return [list(table), *table.to_numpy().tolist()]

    return reading


def test_cells_are_text_as_they_were_written(read):
    assert read("recording,litter,note\r\na,007,NA\r\nb,,1e3\r\n") == [
        ["recording", "litter", "note"], ["a", "007", "NA"], ["b", "", "1e3"],
    ]  # fmt: skip
    assert read('recording,note\na,"x, ""y""\n\u00e9"\n', "utf-8-sig")[1] == ["a", 'x, "y"\n\u00e9']


def test_what_a_spreadsheet_leaves_around_a_table_is_no_part_of_it(read):
    assert read(" recording , group ,,\na,KO,,\n,,,\n\n") == [["recording", "group"], ["a", "KO"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("recording,subject,group\nx,m1_KO,m1,KO\n", "line 2: has 4 cells, the header 3"),
        ("recording,subject,group\na,m1,KO\n\nb,WT\n", "line 4: has 2 cells, the header 3"),
        ('recording,note\na,"x\ny"\nb,"z",q\n', "line 4: has 3 cells, the header 2"),
        ("recording,group,\na,KO,m1\n", "line 2: 'm1' stands in a column without a name"),
        ('recording,group\na,"KO\nb,WT\n', "cannot be read as a table"),
        ("\n\n", "holds no table"),
    ],
)
def test_a_row_whose_cells_might_be_of_other_columns_is_refused(read, text, said):
    with pytest.raises(InputError, match=said):
        read(text)


def test_what_is_no_text_or_not_there_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "latin.csv").write_bytes("recording,group\na,\u00e9\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"latin.csv: cannot be read as a table .*: give a CSV"):
        read_subjects(tmp_path / "latin.csv")
    with pytest.raises(InputError, match=r"none\.csv"):
        read_subjects(tmp_path / "none.csv")


def test_an_empty_cell_of_the_table_leaves_what_the_name_says(tmp_path):
    table = tmp_path / "subjects.csv"
    table.write_text("recording,group,litter,cage\nm1_KO,,1,\nm2_WT,HET, ,4\n")
    known = known_of_recordings(["m1_KO", "m2_WT"], table, "{subject}_{group}")
    assert known["m1_KO"] == {"subject": "m1", "group": "KO", "litter": "1", "cage": ""}
    assert known["m2_WT"] == {"subject": "m2", "group": "HET", "litter": " ", "cage": "4"}
    assert known_of_recordings(["m1_KO"], table, None)["m1_KO"]["group"] == ""


@pytest.mark.parametrize(
    "text", ["recording,group,group\nm1,KO,WT\n", "recording,subject,group\nx,m1,a,KO\n"]
)
def test_a_table_whose_cells_might_be_of_other_columns_is_refused(tmp_path, text):
    (tmp_path / "subjects.csv").write_text(text)
    with pytest.raises(InputError, match=r"subjects.csv"):
        known_of_recordings(["m1"], tmp_path / "subjects.csv", None)
