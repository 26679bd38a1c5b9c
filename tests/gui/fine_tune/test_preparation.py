from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from napari_squeakout.gui.fine_tune.preparation import agreement_text


def survey(n_pages, n_corrected):
    corrected = np.arange(n_pages) < n_corrected
    return SimpleNamespace(n_pages=n_pages, corrected=corrected)


def test_where_the_model_had_nearly_all_right_it_is_said_what_teaches_more():
    text = agreement_text(survey(40, 2))
    assert "38 of them right already" in text
    assert "least sure" in text


@pytest.mark.parametrize(("n_pages", "n_corrected"), [(40, 10), (4, 0)])
def test_where_pages_hold_corrections_or_are_few_nothing_is_said(n_pages, n_corrected):
    assert agreement_text(survey(n_pages, n_corrected)) == ""
