"""Say of each call that somebody noted, and of each that was found, what came of it.

`noted.csv` is a table of any program that is read here.
"""

import matplotlib.pyplot as plt

import napari_squeakout as sq

noted = sq.read_annotation("noted.csv")
found = sq.segment_file("recording.wav")
compared = sq.compare_calls(noted, found.calls)
for name, value in compared.figures().items():
    print(f"{name:28}{value:.3f}")

rows = {"noted": "annotated", "found": "found"}
figure, axes = plt.subplots(figsize=(8, 2.5), layout="constrained")
for colour, (outcome, calls) in enumerate(compared.calls.groupby("outcome")):
    label = f"{outcome} ({len(calls)})"
    for row, side in enumerate(rows.values()):
        start_s, end_s = calls[f"{side}_start_s"], calls[f"{side}_end_s"]
        axes.barh(
            [row] * len(calls), end_s - start_s, 0.7, start_s, color=f"C{colour}", label=label
        )
        label = None
axes.set(xlabel="s", yticks=range(len(rows)), yticklabels=rows)
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
figure.savefig("compare_with_noted.png")
