from __future__ import annotations

import logging
import random
import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, sound

from napari_squeakout.core.overview.overview import Overview
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.io.sessions import overview_file
from napari_squeakout.io.sessions.overview_file import keep_overview, kept_overview
from napari_squeakout.io.sessions.record import OVERVIEW
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.sessions.sources import begin_session, discard_session
from napari_squeakout.io.sources.opening import open_recording


@pytest.fixture
def stack(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    soundfile.write(tmp_path / "tones.wav", sound(1.0, (0.1, 0.2, 70_000.0)), RATE_HZ)
    return open_recording(tmp_path / "tones.wav")


@pytest.fixture
def session(stack):
    session = begin_session(stack)
    yield session
    session.close()


@pytest.fixture
def picture(stack):
    levels = np.random.default_rng(0).integers(0, 255, (81, 640), np.uint8)
    return Overview(
        levels=levels,
        n_pages=stack.layout.n_pages,
        pages_per_column=1 / 128,
        low_hz=45_410.0,
        hz_per_row=976.5625,
    )


def test_an_overview_is_there_when_its_session_is_opened_again(session, stack, picture):
    assert kept_overview(session, stack) is None
    assert keep_overview(session, stack, picture)
    session.close()
    again = open_session(session.folder)
    known = kept_overview(again, stack)
    np.testing.assert_array_equal(known.levels, picture.levels)
    names = ("n_pages", "pages_per_column", "low_hz", "hz_per_row")
    assert all(getattr(known, name) == getattr(picture, name) for name in names)
    again.close()


def test_one_of_another_file_or_of_other_settings_is_not_taken(
    session, stack, picture, tmp_path, monkeypatch
):
    keep_overview(session, stack, picture)
    lower = open_recording(tmp_path / "tones.wav", None, RenderSettings(low_hz=30_000))
    assert kept_overview(session, lower) is None
    longer = open_recording(tmp_path / "tones.wav", None, RenderSettings(page_length_s=0.1))
    assert kept_overview(session, longer) is None
    soundfile.write(tmp_path / "other.wav", sound(1.0, (0.5, 0.6, 90_000.0)), RATE_HZ)
    other_stack = open_recording(tmp_path / "other.wav")
    other = begin_session(other_stack)
    shutil.copy(session.folder / OVERVIEW, other.folder / OVERVIEW)
    assert kept_overview(other, other_stack) is None
    other.close()
    monkeypatch.setattr(overview_file, "VERSION", 999)
    assert kept_overview(session, stack) is None


def test_a_damaged_one_is_none_and_only_the_log_says_so(session, stack, picture, caplog):
    keep_overview(session, stack, picture)
    path = session.folder / OVERVIEW
    whole, draw = path.read_bytes(), random.Random(0)
    for _ in range(60):
        broken = bytearray(whole[: draw.choice([len(whole), draw.randrange(len(whole))])])
        for _ in range(draw.randrange(1, 4) if len(broken) == len(whole) else 0):
            broken[draw.randrange(len(broken))] ^= 1 << draw.randrange(8)
        if bytes(broken) != whole:
            path.write_bytes(bytes(broken))
            assert kept_overview(session, stack) is None
    assert "is damaged; it is made anew" in caplog.text
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_what_is_no_plain_file_under_its_name_is_left_alone(session, stack, picture):
    (session.folder / OVERVIEW).mkdir()
    assert kept_overview(session, stack) is None
    assert not keep_overview(session, stack, picture)
    assert (session.folder / OVERVIEW).is_dir()


def test_a_session_that_may_not_be_written_or_has_gone_keeps_none(session, stack, picture):
    looked_at = open_session(session.folder)  # another window has it
    assert looked_at.read_only
    assert not keep_overview(looked_at, stack, picture)
    assert not (session.folder / OVERVIEW).exists()
    looked_at.close()
    shutil.rmtree(session.folder)
    assert not keep_overview(session, stack, picture)
    assert not session.folder.exists()


def test_it_goes_with_a_session_that_was_begun_for_nothing(session, stack, picture):
    keep_overview(session, stack, picture)
    discard_session(session)
    assert not session.folder.exists()


def test_a_picture_of_other_pages_is_not_taken(session, stack, picture):
    keep_overview(session, stack, replace(picture, n_pages=picture.n_pages + 1))
    assert kept_overview(session, stack) is None
