from __future__ import annotations

from napari_squeakout.core.numerals import are, counted


def test_one_is_singular_and_all_else_is_not():
    said = [f"{counted(n, 'page')} {are(n)}" for n in (0, 1, 2)]
    assert said == ["0 pages are", "1 page is", "2 pages are"]
