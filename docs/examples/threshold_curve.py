"""How many calls are found, and how many of them are right, at each threshold.

`noted.csv` holds what somebody noted: the table of any program that is read here.
"""

import matplotlib.pyplot as plt

import napari_squeakout as sq

noted = sq.read_annotation("noted.csv")
pages = sq.open_source("recording.wav")
probabilities = sq.segment(pages)  # the network is asked once

usual = sq.load_model().cleaning(sq.CleanSettings())
thresholds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
scores = []
for threshold in thresholds:
    settings = usual.model_copy(update={"threshold": threshold})
    calls = sq.find_calls(sq.clean(probabilities, settings), probabilities)
    scores.append(sq.score_calls(noted, calls))

figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for name in ("precision", "recall", "f1"):
    axes.plot(thresholds, [getattr(score, name) for score in scores], "o-", label=name)
axes.axvline(usual.threshold, color="gray", linestyle=":", label="the model's own")
axes.set(xlabel="threshold", ylim=(0, 1.05))
axes.legend()
figure.savefig("threshold_curve.png")
