"""Inputs on a Dask cluster: a real one, whose workers die."""

from __future__ import annotations

import os
import signal

import pytest
import soundfile
from fakes import PAGE_S, RATE_HZ, sound

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.settings import SegmentSettings
from napari_squeakout.io.batch import on_cluster
from napari_squeakout.io.batch.batch import batch_of
from napari_squeakout.io.engines.making import make_engine
from napari_squeakout.io.models.registry import load_model

distributed = pytest.importorskip("distributed")

N_RECORDINGS = 20


@pytest.fixture
def folder(tmp_path):
    """Recordings of a page, and one that is none."""
    place = tmp_path / "night"
    place.mkdir()
    for number in range(N_RECORDINGS):
        call = (0.05, 0.1, 55_000 + 3_000 * number)
        soundfile.write(place / f"pup_{number:02}.wav", sound(PAGE_S, call), RATE_HZ)
    (place / "pup_07.wav").write_bytes(b"no sound at all, but some bytes")
    return place


@pytest.fixture(scope="module")
def cluster():
    """Two workers in processes of their own, which are started again when they die."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0"
    ) as local:
        yield local


@pytest.fixture
def engine():
    return make_engine(load_model("squeakout-synthetic"), SegmentSettings(compute_with="torch"))


def tables_in(folder):
    return {path.parent.name: path.read_bytes() for path in sorted(folder.glob("*/calls.csv"))}


def test_the_workers_write_what_one_process_writes_also_where_one_is_killed(
    folder, tmp_path, cluster, engine
):
    alone = list(batch_of([folder], tmp_path / "alone", engine).outcomes())
    batch = batch_of([folder], tmp_path / "cluster", engine)
    outcomes = []
    for outcome in batch.outcomes(scheduler=cluster.scheduler_address):
        outcomes.append(outcome)
        if len(outcomes) == 3:  # there is a queue behind it
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
    assert {o.source for o in outcomes} == {o.source for o in alone}
    assert sorted(o.failures for o in outcomes) == sorted(o.failures for o in alone)
    assert len(tables_in(tmp_path / "cluster")) == N_RECORDINGS - 1
    assert tables_in(tmp_path / "cluster") == tables_in(tmp_path / "alone")


def test_a_cluster_whose_only_worker_died_goes_on_with_the_next(folder, tmp_path, engine):
    for path in sorted(folder.iterdir())[8:]:
        path.unlink()
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=":0"
    ) as small:
        outcomes = []
        batch = batch_of([folder], tmp_path / "out", engine)
        for outcome in batch.outcomes(scheduler=small.scheduler_address):
            outcomes.append(outcome)
            if len(outcomes) == 2:
                os.kill(small.workers[0].pid, signal.SIGKILL)
    assert len(outcomes) == 8
    assert [bool(outcome.failures) for outcome in outcomes].count(True) == 1
    assert len(tables_in(tmp_path / "out")) == 7


def test_no_scheduler_there_is_one_sentence(folder, tmp_path, engine, monkeypatch):
    monkeypatch.setattr(on_cluster, "_PATIENCE_S", "1s")
    batch = batch_of([folder], tmp_path / "out", engine)
    with pytest.raises(SqueakOutError, match=r"tcp://127\.0\.0\.1:9: no scheduler answers"):
        list(batch.outcomes(scheduler="tcp://127.0.0.1:9"))
    with pytest.raises(SqueakOutError, match="no scheduler answers"):
        list(batch.outcomes(scheduler=str(tmp_path / "none.json")))
