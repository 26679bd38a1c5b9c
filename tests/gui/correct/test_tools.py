from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from napari_squeakout.core.layout import Layout
from napari_squeakout.gui.correct.tools import Correcting

N_PAGES = 200


class Pages:
    """(200, 512, 512) labels, call k + 1 on page k; counts the pages that are looked at."""

    shape = (N_PAGES, 512, 512)

    def __init__(self):
        self.n_looked_at = 0

    def __len__(self):
        return N_PAGES

    def __getitem__(self, which):
        pages = np.atleast_1d(np.arange(N_PAGES)[which])
        self.n_looked_at += len(pages)
        labels = np.zeros((len(pages), 512, 512), np.int32)
        labels[:, 9, 9] = pages + 1
        return labels[0] if isinstance(which, int | np.integer) else labels

    def __iter__(self):
        return (self[page] for page in range(N_PAGES))


def correcting(page, number, last_numbers):
    layer = SimpleNamespace(data=Pages(), selected_label=number)
    stack = SimpleNamespace(layout=Layout(source="long", n_pages=N_PAGES))
    tools = Correcting(lambda: 80, last_numbers, lambda _: None)
    tools.set_source(SimpleNamespace(calls=layer, stack=stack), page)
    return tools, layer


@pytest.mark.parametrize("known", [True, False])
def test_the_brush_gets_a_number_of_its_own_without_a_look_at_all_pages(known):
    tools, layer = correcting(190, 1, lambda: np.arange(1, N_PAGES + 1) if known else None)
    tools.take_fresh_number()
    assert layer.data.n_looked_at < 40
    taken = layer.selected_label
    assert taken > (N_PAGES if known else 191)
    tools.page = 150
    tools.take_fresh_number()
    assert layer.selected_label == taken if known else layer.selected_label > taken


def test_a_number_that_no_other_page_has_is_kept():
    tools, layer = correcting(190, 900, lambda: np.arange(1, N_PAGES + 1))
    tools.take_fresh_number()
    assert layer.selected_label == 900
