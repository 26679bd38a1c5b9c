"""The pages that are shown after a fine-tuning are those that it changed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from napari_squeakout.core.fine_tuning.approved import ApprovedPages
from napari_squeakout.core.fine_tuning.changed_pages import changes_of
from napari_squeakout.core.fine_tuning.splits import PagePlace
from napari_squeakout.core.settings import CleanSettings

SIDE = 8


def seen(values, dice, threshold):
    figures = SimpleNamespace(dice=np.array(dice))
    cleaning = CleanSettings(threshold=threshold)
    return SimpleNamespace(values=np.array(values, np.uint8), figures=figures, cleaning=cleaning)


def flat(*greys):
    return [np.full((SIDE, SIDE), grey) for grey in greys]


def changed(after, dice_after, n=3):
    """Pages 2, 3, 4, 5 of six were held out; before, all were seen alike."""
    pages = np.array(flat(*range(6)), np.uint8)
    places = tuple(PagePlace(group="a", start=page, name=f"page {page}") for page in range(6))
    approved = ApprovedPages(pages=pages, masks=pages > 2, places=places)
    comparison = SimpleNamespace(
        before=seen(flat(9, 9, 9, 9), [0.5] * 4, 0.5), after=seen(flat(*after), dice_after, 0.3)
    )
    plan = SimpleNamespace(split=SimpleNamespace(held_out=np.array([2, 3, 4, 5])))
    return changes_of(approved, SimpleNamespace(plan=plan, comparison=comparison), n)


def test_the_page_that_changed_most_comes_first_for_better_or_worse():
    changes = changed((9, 20, 30, 40), [0.5, 0.6, 0.1, 0.7])
    assert changes.names == ("page 4", "page 5", "page 3")
    assert changes.pages[:, 0, 0].tolist() == [4, 5, 3]
    assert changes.truth[:, 0, 0].tolist() == [True, True, True]
    assert changes.after[:, 0, 0].tolist() == [30, 40, 20]
    assert changes.before[:, 0, 0].tolist() == [9, 9, 9]
    assert changes.dice.tolist() == [[0.5, 0.1], [0.5, 0.7], [0.5, 0.6]]
    assert changes.thresholds == (0.5, 0.3)


def test_of_pages_that_are_as_right_as_before_the_one_seen_most_differently_comes_first():
    changes = changed((9, 12, 90, 9), [0.5] * 4)
    assert changes.names == ("page 4", "page 3")


def test_a_model_that_sees_what_the_old_one_saw_has_changed_no_page():
    changes = changed((9, 9, 9, 9), [0.5] * 4)
    assert changes.names == ()
    assert all(len(array) == 0 for name, array in changes.as_arrays().items() if name == "after")


def test_no_more_pages_are_given_than_were_asked_for():
    assert changed((1, 2, 3, 4), [0.1, 0.2, 0.3, 0.4], n=1).names == ("page 2",)
