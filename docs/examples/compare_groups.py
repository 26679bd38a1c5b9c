"""Compare two groups of mice, animal by animal, in one measure that was chosen before.

`study` is what `squeakout sample study --animals 4 --seconds 1 --seed 11` writes; `subjects.csv` in
it says which animal is of which group.
"""

import matplotlib.pyplot as plt
import numpy as np

import napari_squeakout as sq

sq.segment_files("study", "results", results=sq.ResultSettings(masks=True))
summary = sq.summarise("results", subjects="study/subjects.csv")

measure = "calls_per_min"
settings = sq.GroupSettings(compared=(measure,), reference="WT")
comparison = sq.compare_groups(summary.recordings, settings)
(row,) = comparison.differences.to_dict("records")
print("{difference:.0f} ({interval_low:.0f} to {interval_high:.0f}), p = {p:.3f}".format(**row))

figure, axes = plt.subplots(figsize=(4, 4), layout="constrained")
for place, group in enumerate(("WT", "KO")):
    values = comparison.units.loc[comparison.units["group"] == group, measure]
    beside = 0.06 * (np.arange(len(values)) - (len(values) - 1) / 2)  # or equal ones would be one
    axes.scatter(place + beside, values)
    axes.hlines(values.mean(), place - 0.2, place + 0.2, colors="black")
axes.set(xticks=(0, 1), xticklabels=("WT", "KO"), xlim=(-0.6, 1.6), ylabel="calls a minute")
axes.set_title("{difference:+.0f} ({interval_low:+.0f} to {interval_high:+.0f})".format(**row))
figure.savefig("compare_groups.png")
