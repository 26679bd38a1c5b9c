"""How long the window stands still while a recording is segmented and cleaned.

What is said of stalls is as in `stalls.py`. Without bundled weights the network gets random ones:
they cost the same time. Without a display: `xvfb-run -a python benchmarks/window.py`.

    python benchmarks/window.py [--seconds 20]
"""

from __future__ import annotations

import argparse
import time

import napari
import numpy as np
from qtpy.QtWidgets import QWidget
from stalls import Stalls, run_events

from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.synthesis.pages import synthesise_recording
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.gui.dock import SqueakOutDock
from napari_squeakout.gui.layers.layers import open_stack
from napari_squeakout.gui.segment import run as segment_run
from napari_squeakout.gui.segment.page_choice import ALL, THIS

CERTAIN = 128


def random_engine(name: str, settings):
    """The engine with weights that nobody trained."""
    import torch

    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.core.model.card import ModelCard
    from napari_squeakout.core.model.model import Model
    from napari_squeakout.core.model.network import SqueakOut

    torch.manual_seed(0)
    return Engine(Model(name, SqueakOut().state_dict(), ModelCard(name=name)), settings)


def main() -> None:
    """Open, segment, clean, and print what stood still."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    seconds = parser.parse_args().seconds
    viewer = napari.Viewer(show=True)
    dock = SqueakOutDock(viewer)
    stalls = Stalls()
    models = dock.segment_panel.models
    with stalls.measured("dock opens, models are listed, torch comes"):
        viewer.window.add_dock_widget(dock, name="SqueakOut")
        models.look_once()
        run_events(lambda: not models.looking.job.is_active)
    if models.why_not():
        from napari_squeakout.io.models.entry import ModelEntry

        entry = ModelEntry(
            name="random", kind="own", installed=True, path=None, title="random weights"
        )
        models._show(([entry], ""), None)
        segment_run.make_engine = random_engine
    scenes = synthesise_recording(seconds, SynthesisSettings())
    samples = np.concatenate([scene.samples for scene in scenes])
    recording = Recording.from_array(samples, sample_rate_hz=SAMPLE_RATE_HZ, name="synthetic")
    with stalls.measured("recording opens"):
        viewer.layers.selection.active = open_stack(viewer, render(recording))
        run_events(lambda: dock.source is not None)
        run_events(lambda: False, 0.5)
    bars = (dock.segment_panel.bar, dock.clean_panel.bar)
    with stalls.measured("one page is segmented: napari adds two layers"):
        dock.findChild(QWidget, "segment_pages").setCurrentText(THIS)
        dock.findChild(QWidget, "segment_run").click()
        run_events(lambda: not any(bar.job.is_active for bar in bars))
        run_events(lambda: False, 0.5)
    dock.findChild(QWidget, "segment_pages").setCurrentText(ALL)
    with stalls.measured(f"{len(viewer.layers[0].data)} pages are segmented and cleaned"):
        dock.findChild(QWidget, "segment_run").click()
        run_events(lambda: not any(bar.job.is_active for bar in bars))
    values = np.asarray(dock.source.probabilities.data)
    if not (values > CERTAIN).any():  # random weights find nothing; what is cleaned should be there
        from napari_squeakout.core.synthesis.pages import synthesise_pages

        drawn = synthesise_pages(len(values), SynthesisSettings())
        for page, (_, mask) in zip(values, drawn, strict=True):
            page[mask] = 200
    with stalls.measured("all pages are cleaned again"):
        dock.clean_panel.apply()
        run_events(lambda: not any(bar.job.is_active for bar in bars))
    redraws_ms = []
    for threshold in np.linspace(0.3, 0.7, 20):
        dock.clean_panel.form.set_value(
            CleanSettings(threshold=float(threshold), erosion_iterations=2)
        )
        began = time.perf_counter()
        dock.clean_panel.redraw()
        redraws_ms.append(1e3 * (time.perf_counter() - began))
    print(
        f"page in view redrawn: median {np.median(redraws_ms):.0f}, most {max(redraws_ms):.0f} ms"
    )
    viewer.close()


if __name__ == "__main__":
    main()
