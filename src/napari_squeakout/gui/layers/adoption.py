"""Image layers that others made -> sources of independent pages."""

from __future__ import annotations

from functools import partial
from typing import Any

import dask.array as da
import numpy as np
from napari.layers import Image
from numpy.typing import NDArray
from PIL import Image as PillowImage

from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.rendering.spectrogram import network_input
from napari_squeakout.core.stacks import Page, SpectrogramStack
from napari_squeakout.io.sources.decode import eight_bit

from .layer_kinds import Layer
from .roles import ROLE, GuiError, Role, role_of

_PAGE_AXES, _STACK_AXES = 2, 3


def adopt(layer: Layer) -> SpectrogramStack:
    """The source that an image layer shows; any grey image layer becomes one.

    Its pages are independent images, brought to 512 x 512 when they are looked at, as upstream
    SqueakOut does it.

    Raises
    ------
    GuiError
        If the layer is no grey image of two or three axes.
    """
    role = role_of(layer)
    if role is not None and role.kind == "image":
        return role.stack
    _refuse_unusable(layer, role)
    shape = layer.data.shape[-2:]
    n_pages = layer.data.shape[0] if layer.ndim == _STACK_AXES else 1
    layout = Layout(
        source=layer.name, n_pages=n_pages, source_shapes=((shape[0], shape[1]),) * n_pages
    )
    stack = SpectrogramStack(pages=_adopted_pages(layer.data, layout), layout=layout)
    layer.metadata[ROLE] = Role(kind="image", stack=stack, data=layer.data)
    return stack


def _refuse_unusable(layer: Layer, role: Role | None) -> None:
    if role is not None:
        msg = f"{layer.name}: belongs to a picture that is not here any more: open that again"
    elif not isinstance(layer, Image):
        msg = f"{layer.name}: is no image: choose the layer of a recording or of images"
    elif layer.rgb:
        msg = f"{layer.name}: is in colour: convert it to grey (right click, or Layers > Data)"
    elif layer.multiscale:
        msg = f"{layer.name}: has several resolutions: open the full one as a layer of its own"
    elif layer.ndim not in (_PAGE_AXES, _STACK_AXES):
        msg = f"{layer.name}: has {layer.ndim} axes: spectrograms have 2, stacks of them 3"
    elif np.dtype(layer.data.dtype).kind not in "buif":
        msg = f"{layer.name}: holds {layer.data.dtype} values: convert them to grey levels"
    elif not _is_upright(layer):
        msg = f"{layer.name}: is rotated or sheared: take that back and try again"
    else:
        return
    raise GuiError(msg)


def _is_upright(layer: Layer) -> bool:
    linear = layer.affine.linear_matrix
    turned = [layer.rotate - np.eye(len(layer.rotate)), linear - np.eye(len(linear))]
    return all(np.allclose(matrix, 0) for matrix in turned) and not np.any(layer.shear)


def _adopted_pages(data: Any, layout: Layout) -> Any:
    return da.map_blocks(
        partial(_adopted_block, data, layout.source),
        chunks=((1,) * layout.n_pages, PAGE_PX, PAGE_PX),
        dtype=np.float32,
        meta=np.zeros((0, 0, 0), np.float32),
    )


def _adopted_block(data: Any, source: str, block_info: Any = None) -> NDArray[np.float32]:
    index = block_info[None]["chunk-location"][0]
    return _adopted_page(np.asarray(data if data.ndim == _PAGE_AXES else data[index]), source)[None]


def _adopted_page(pixels: NDArray[Any], source: str) -> Page:
    if not np.isfinite(pixels).all():
        msg = f"{source}: holds values that are not finite: replace them"
        raise GuiError(msg)
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8) * np.uint8(255)
    flat = pixels.dtype == np.uint8
    return network_input(PillowImage.fromarray(pixels) if flat else eight_bit(pixels))
