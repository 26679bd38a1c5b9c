"""Results and sessions as a lab keeps them, for the tests of what is done with them later."""

from __future__ import annotations

import numpy as np
import soundfile
from fakes import RATE_HZ, BrightPixels, sound
from PIL import Image

from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import approve
from napari_squeakout.core.settings import RecordingSettings, ResultSettings
from napari_squeakout.core.steps import run
from napari_squeakout.io.results.results import writing_result
from napari_squeakout.io.results.run_record import RunSettings
from napari_squeakout.io.results.session_work import work_in
from napari_squeakout.io.results.work_results import saving_works
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.sessions.sources import begin_session, reading_back
from napari_squeakout.io.sources.inputs import plan_inputs
from napari_squeakout.io.sources.opening import open_recording


def recording_in(folder, name="mouse 7.wav", *, n_channels=1):
    """Two pages of sound, a call on each."""
    folder.mkdir(parents=True, exist_ok=True)
    tones = (0.05, 0.1, 80_000), (0.3, 0.34, 70_000)
    samples = np.tile(sound(0.44, *tones)[:, np.newaxis], n_channels)
    soundfile.write(folder / name, samples, RATE_HZ)
    return folder / name


def images_in(folder):
    """Three images: of two calls, of one and of none."""
    folder.mkdir(parents=True)
    for name, columns in (("=a", (20, 70)), ("b 鼠", (40,)), ("c", ())):
        grey = np.full((512, 512), 90, np.uint8)
        for column in columns:
            grey[160:240, 4 * column : 4 * column + 120] = 255
        Image.fromarray(grey).save(folder / f"{name}.png")
    return folder


def result_of(path, folder, *, recording=None, **wanted):
    """The result folder of a recording or of images, whose calls are what is bright."""
    read = RecordingSettings(**(recording or {}))
    settled = RunSettings(recording=read, result=ResultSettings(**wanted))
    [source] = plan_inputs([path])
    return run(writing_result(source, folder, BrightPixels(), settled)).folder


def session_of(path, folder, *, approved=(0,), stages=PageStage.CLEANED):
    """A session of two pages with a call on each, of which some are approved."""
    session = begin_session(open_recording(path), folder)
    session.labels[0, 200:210, 100:160], session.labels[1, 220:230, 300:350] = 1, 2
    session.stages[:] = stages
    review = session.record.review
    for page in approved:
        review = approve(review, page, np.array(session.labels[page]))
    session.save(session.record.with_review(review))
    session.close()
    return folder


def result_of_session(folder, results, **wanted):
    """The result folder that the window saves of a session."""
    session = open_session(folder, read_only=True)
    work = work_in(session, run(reading_back(session)))
    run(saving_works({folder.stem: work}, results, wanted=ResultSettings(**wanted)))
    session.close()
    return results / folder.stem


def paint_on(folder, page, number):
    """What changes a session behind everybody's back."""
    labels = np.load(folder / "labels.npy", mmap_mode="r+")
    labels[page, 10:20, 10:20] = number
    labels.flush()
