from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_squeakout.core.layout import Layout
from napari_squeakout.core.stacks import Origin, SpectrogramStack
from napari_squeakout.io.sessions.same_source import file_states, is_same_source


@pytest.fixture
def stack(tmp_path):
    files = tuple(tmp_path / name for name in ("a.png", "b.png"))
    for file in files:
        file.write_bytes(b"picture")
    origin = Origin("images", files, {"images": {"invert": False}})
    return SpectrogramStack(
        pages=np.zeros((2, 512, 512), np.float32),
        layout=Layout(source="x", n_pages=2),
        origin=origin,
    )


def test_the_same_files_read_alike_are_one_source_until_one_is_changed_or_away(stack):
    states = file_states(stack.origin)
    assert is_same_source(stack, replace(stack), states=states)
    first, second = stack.origin.files
    for origin in (
        replace(stack.origin, files=(second, first)),
        replace(stack.origin, settings={"images": {"invert": True}}),
        None,
    ):
        assert not is_same_source(stack, replace(stack, origin=origin), states=states)
    second.write_bytes(b"another picture")
    assert not is_same_source(stack, stack, states=states)
    second.unlink()
    assert not is_same_source(stack, stack, states=states)
