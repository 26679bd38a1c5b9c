"""Tables, results and sessions are compared with what somebody noted."""

from __future__ import annotations

import pandas as pd
import pytest
from kept import images_in, recording_in, result_of, result_of_session, session_of

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.steps import run
from napari_squeakout.io.sources import audio
from napari_squeakout.io.tasks.comparing import comparing

NOTED = "start_s,end_s\n0.05,0.1\n0.2,0.21\n"


@pytest.fixture
def result(tmp_path):
    return result_of(recording_in(tmp_path / "in"), tmp_path / "results")


@pytest.fixture
def noted(tmp_path):
    path = tmp_path / "noted.csv"
    path.write_text(NOTED)
    return path


def test_a_result_is_compared_with_a_table_and_each_call_is_written(result, noted, tmp_path):
    compared = run(comparing(result, noted, table=tmp_path / "out.csv"))
    table = pd.read_csv(tmp_path / "out.csv")
    assert table["outcome"].tolist() == ["matched", "missed", "extra"]
    assert abs(table["onset_error_s"][0]) < 0.005
    figures = compared.comparison.figures()
    assert (figures["annotated"], figures["found"], figures["matched"]) == (2, 2, 1)


def test_two_tables_are_compared_with_what_is_said_of_each(noted, tmp_path):
    other = tmp_path / "found.csv"
    other.write_text("start_s,end_s\n0.05,0.1\nx,y\n0.2,0.3\n")
    compared = run(comparing(other, noted))
    assert compared.comparison.calls["outcome"].tolist() == ["matched", "matched"]
    assert "found.csv" in compared.notes[0]


def test_a_session_says_which_recording_of_a_table_is_meant(tmp_path):
    session = session_of(recording_in(tmp_path / "in"), tmp_path / "m.squeakout")
    noted = tmp_path / "noted.csv"
    noted.write_text("start_s,end_s,file\n0.0433,0.0692,mouse 7.wav\n5,6,other.wav\n")
    compared = run(comparing(session, noted))
    assert compared.comparison.calls["outcome"].tolist() == ["matched", "extra"]


def test_a_table_that_is_there_stays(result, noted):
    with pytest.raises(SqueakOutError, match="exists already"):
        run(comparing(result, noted, table=noted))
    assert noted.read_text() == NOTED


def test_what_is_of_two_recordings_is_not_compared(result, tmp_path):
    other = result_of(recording_in(tmp_path / "in", "mouse 8.wav"), tmp_path / "results")
    with pytest.raises(InputError, match=r"are of mouse 7\.wav and mouse 8\.wav"):
        run(comparing(result, other))


def test_recordings_of_two_days_that_are_called_alike_are_not_compared(result, tmp_path):
    path = recording_in(tmp_path / "day 2")
    path.write_bytes(path.read_bytes()[:-2000] + bytes(2000))
    with pytest.raises(InputError, match=r"are of two recordings called mouse 7\.wav"):
        run(comparing(result, result_of(path, tmp_path / "results 2")))


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ({"channel": 2}, r"are of channels 1 and 2 of mouse 7\.wav: compare those of one"),
        ({"time_expansion": 1.5}, r"are of mouse 7\.wav slowed down 1 and 1\.5 times: compare"),
    ],
)
def test_one_file_read_in_two_ways_is_not_compared(tmp_path, read, said):
    path = recording_in(tmp_path / "in", n_channels=2)
    sides = [result_of(path, tmp_path / str(n), recording=one) for n, one in enumerate([{}, read])]
    with pytest.raises(InputError, match=said):
        run(comparing(*sides))


@pytest.mark.parametrize(("channel", "n_told"), [(1, 0), (2, 1)])
def test_a_table_of_another_channel_is_compared_and_that_is_said(tmp_path, channel, n_told):
    path = recording_in(tmp_path / "in", n_channels=2)
    result = result_of(path, tmp_path / "results", recording={"channel": channel})
    table = tmp_path / "m.selections.txt"
    table.write_text("Selection\tChannel\tBegin Time (s)\tEnd Time (s)\n1\t1\t0.05\t0.1\n")
    notes = run(comparing(result, table)).notes
    assert [note for note in notes if "channel" in note] == [
        f"{table}: its calls are of channel 1, those it is compared with of channel 2"
    ] * n_told


def test_what_is_slowed_down_by_default_and_by_a_setting_is_read_in_one_way(tmp_path, monkeypatch):
    """What a file says of itself is the same whether or not a person says it too."""
    path = recording_in(tmp_path / "in")
    stated = result_of(path, tmp_path / "0", recording={"time_expansion": 1.5})
    monkeypatch.setattr(audio, "stated_expansion", lambda _: 1.5)
    left_open = result_of(path, tmp_path / "1")
    assert run(comparing(stated, left_open)).comparison.figures()["matched"] == 2


def test_a_result_is_compared_with_a_session_of_its_recording(result, tmp_path):
    session = session_of(tmp_path / "in" / "mouse 7.wav", tmp_path / "m.squeakout", approved=(0, 1))
    compared = run(comparing(result, session))
    assert compared.comparison.figures()["annotated"] == 2
    assert compared.notes == ()


def test_what_nobody_has_approved_is_no_annotation_and_that_is_said(result, tmp_path):
    session = session_of(tmp_path / "in" / "mouse 7.wav", tmp_path / "m.squeakout", approved=(0,))
    [note] = run(comparing(result, session)).notes
    assert "m.squeakout: 1 of 2 pages is not approved" in note
    [note] = run(comparing(session, result)).notes
    assert "mouse 7: 2 of 2 pages are not approved" in note


@pytest.mark.parametrize(("approved", "n_left"), [((0, 1), 0), ((0,), 1)])
def test_what_was_approved_in_a_session_is_so_in_the_result_saved_of_it(
    result, tmp_path, approved, n_left
):
    session = session_of(
        tmp_path / "in" / "mouse 7.wav", tmp_path / "m.squeakout", approved=approved
    )
    notes = run(comparing(result, result_of_session(session, tmp_path / "saved"))).notes
    assert len(notes) == n_left
    assert all(f"{n_left} of 2 pages is not approved" in note for note in notes)


def test_calls_of_images_lie_on_no_line_of_time(noted, tmp_path):
    folder = result_of(images_in(tmp_path / "in" / "pictures"), tmp_path / "results")
    with pytest.raises(InputError, match="which lie on no line of time"):
        run(comparing(folder, noted))


def test_found_calls_without_length_are_told(noted, tmp_path):
    found = tmp_path / "found.csv"
    found.write_text("start_s,end_s\n0.07,0.07\n0.2,0.21\n")
    compared = run(comparing(found, noted))
    assert compared.comparison.calls["outcome"].tolist() == ["missed", "extra", "matched"]
    assert compared.notes[-1].endswith("1 call without length: matched with none")


def test_found_calls_without_length_that_are_matched_are_not_told(tmp_path):
    for name in ("found", "noted"):
        (tmp_path / f"{name}.csv").write_text("start_s,end_s\n0.07,0.07\n0.2,0.21\n")
    compared = run(comparing(tmp_path / "found.csv", tmp_path / "noted.csv"))
    assert compared.comparison.calls["outcome"].tolist() == ["matched", "matched"]
    assert compared.notes == ()
