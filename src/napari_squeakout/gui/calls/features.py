"""The measures of calls as napari keeps them with a layer of labels: for its table, and others'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from napari_squeakout.core.measures.edited import LAST_PAGE, PAINTED
from napari_squeakout.core.stacks import CallTable

# There a row stands for each number up to the highest, whether a call has it or not.
_HIGHEST = 1_000_000


def features_of(calls: CallTable) -> pd.DataFrame:
    """Row n holds the measures of the call with number n, empty where there is none.

    A number that two calls have, as on two images, stands for neither. Where somebody has given a
    call a number beyond a million there are none at all: each number below would need a row.
    """
    highest = int(calls[PAINTED].max()) if len(calls) else 0
    if highest > _HIGHEST:
        return pd.DataFrame()
    single = calls[~calls[PAINTED].duplicated(keep=False)].set_index(PAINTED)
    by_number = single.drop(columns=["call", LAST_PAGE]).reindex(np.arange(highest + 1))
    counts = by_number.select_dtypes("Int64").columns
    return by_number.astype(dict.fromkeys(counts, np.float64)).rename_axis(None)


class LayerFeatures:
    """Keeps our columns in the features of a layer true; those of others stay."""

    def __init__(self) -> None:
        self._layer: Any = None
        self._names: set[str] = set()

    def show(self, layer: Any, features: pd.DataFrame | None) -> None:
        """Let a layer have these; the one before, or with None this one, has none of ours."""
        if self._layer is not None and (layer != self._layer or features is None):
            self._layer.features = self._others_of(self._layer)
            self._layer, self._names = None, set()
        if layer is None or features is None:
            return
        others = self._others_of(layer)
        if others.shape[1]:
            n_rows = max(len(others), len(features))
            features = features.reindex(range(n_rows))
            mine = features.columns.difference(others.columns, sort=False)
            features = pd.concat([features[mine], others.reindex(range(n_rows))], axis=1)
        self._layer, self._names = (
            layer,
            self._names | {str(name) for name in features if name not in others},
        )
        layer.features = features

    def _others_of(self, layer: Any) -> pd.DataFrame:
        """Columns that are not of ours."""
        features: pd.DataFrame = layer.features
        return features[[name for name in features if name not in self._names]]
