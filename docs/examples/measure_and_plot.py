"""Measure calls and plot them: frequency by duration, a colour a class."""

import matplotlib.pyplot as plt

import napari_squeakout as sq

found = sq.segment_file("recording.wav")
calls = sq.measure_calls(found.pages, found.masks, found.probabilities)
calls.to_csv("calls_measures.csv", index=False)

figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for name, some in calls.groupby("class"):
    axes.scatter(1000 * some["duration_s"], some["principal_hz"] / 1000, label=name)
axes.set(xlabel="duration (ms)", ylabel="principal frequency (kHz)")
axes.legend(title="class", loc="center left", bbox_to_anchor=(1, 0.5))
figure.savefig("measure_and_plot.png")
