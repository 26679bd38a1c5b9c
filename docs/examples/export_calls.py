"""Hand calls on: selection tables for Raven, masks for COCO tools; and look at the former."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

import napari_squeakout as sq

sq.segment_files("recording.wav", "results", results=sq.ResultSettings(masks=True))
sq.export_calls("results", "for-raven", form="raven")
sq.export_calls("results", "for-coco", form="coco")

masks = json.loads(Path("for-coco/recording.coco.json").read_text())
print(len(masks["images"]), "pages,", len(masks["annotations"]), "masks")

table = sq.read_annotation("for-raven/recording.selections.txt")
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
for (start_s, end_s), low, high in zip(
    table.intervals_s, table.low_hz / 1000, table.high_hz / 1000, strict=True
):
    axes.fill_between([start_s, end_s], low, high)
axes.set(xlabel="s", ylabel="kHz", title="what Raven shows", xlim=(0, None), ylim=(45, 125))
figure.savefig("export_calls.png")
