"""Agreement on classes."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.scoring.agreement import class_agreement

NAMES = ["flat", "short", "up_fm"]


def test_kappa_is_what_is_agreed_beyond_chance():
    first = ["flat"] * 25 + ["short"] * 25
    second = ["flat"] * 20 + ["short"] * 5 + ["flat"] * 10 + ["short"] * 15
    got = class_agreement(first, second, NAMES)
    # Cohen 1960's own way to it: .7 agreed, .5 by chance.
    assert (got.same, got.kappa) == (pytest.approx(0.7), pytest.approx(0.4))
    assert got.table.loc["short", "flat"] == 10
    assert got.table.to_numpy().sum() == got.calls == 50


def test_calls_that_one_has_not_named_are_left_out_and_counted():
    got = class_agreement(["flat", None, "up_fm"], ["flat", "short", None], NAMES)
    assert (got.calls, got.left_out, got.same) == (1, 2, 1)


@pytest.mark.parametrize("classes", [[], ["flat", "flat"]])
def test_where_chance_leaves_nothing_kappa_is_unknown(classes):
    assert np.isnan(class_agreement(classes, classes, NAMES).kappa)


def test_lists_of_other_calls_and_other_names_are_refused():
    with pytest.raises(InputError, match="not of the same calls"):
        class_agreement(["flat"], [], NAMES)
    with pytest.raises(InputError, match="noise_dist: is no class"):
        class_agreement(["flat"], ["noise_dist"], NAMES)
