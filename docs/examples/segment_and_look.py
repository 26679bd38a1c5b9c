"""Segment a recording and look at the page with most calls on it."""

import matplotlib.pyplot as plt
import numpy as np

import napari_squeakout as sq

found = sq.segment_file("recording.wav")
labels = np.asarray(found.masks.labels)
busiest = int((labels > 0).sum(axis=(1, 2)).argmax())

grid = found.pages.layout.grid
start_s = found.pages.layout.starts_s[busiest]
span_s = 512 * grid.seconds_per_column
extent = (start_s, start_s + span_s, grid.hz(512) / 1000, grid.hz(0) / 1000)

figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
axes.imshow(found.pages.page(busiest), cmap="gray", extent=extent, aspect="auto")
axes.contour(labels[busiest] > 0, [0.5], colors="tab:orange", extent=extent, origin="upper")
axes.set(title=f"page {busiest}: {len(found.calls)} calls in all", xlabel="s", ylabel="kHz")
figure.savefig("segment_and_look.png")
