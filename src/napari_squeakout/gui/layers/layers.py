"""The translator: nouns <-> layers.

A source called X has up to three layers: `X` (image), `X probabilities` and `X calls`. They are
known by what stands under `ROLE` in their metadata, not by their names, so that renaming and
copying lose nothing. In the world of the window a recording's axes are (page, kHz times a stretch,
ms from the page's left edge); frequency points up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from napari.layers import Image, Labels
from napari.utils.notifications import show_info

from napari_squeakout.core.layout import PAGE_PX, Grid, Layout
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.gui.names.shown import shown_name
from napari_squeakout.gui.qt.canvas import camera_of

from .adoption import adopt
from .axes import axes_of_image, axes_of_layout
from .contrast import LIMITS, first_limits
from .highlight import call_colours
from .label_pages import as_writable, drop_history, write_pages
from .layer_kinds import ImageLayer, LabelsLayer, Layer
from .opened import files_as_opened
from .roles import ROLE, GuiError, Role, SourceLayers, member, role_of
from .shown_pages import shown_pages
from .viewer import Camera, LayerEvent, Viewer

_PAGE_AXES, _STACK_AXES = 2, 3
#: Calls are outlined, so that the sound under them can be seen; one row alone would get lost
#: where a page is shown smaller than it is.
OUTLINE_PX = 2


def image_layer_data(stack: SpectrogramStack) -> tuple[Any, dict[str, Any], str]:
    """Layer data of an image, as napari's readers return it; nothing is computed."""
    pages = shown_pages(stack)
    look = {
        "name": shown_name(stack),
        # Given, so that napari need not look at every page to find them.
        "contrast_limits": first_limits(stack),
        "colormap": "gray",
        "rgb": False,
        "metadata": {
            ROLE: Role(kind="image", stack=stack, data=pages),
            LIMITS: first_limits(stack),
            **files_as_opened(stack),
        },
    }
    return pages, look | axes_of_layout(stack.layout), "image"


def open_stack(viewer: Viewer, stack: SpectrogramStack) -> ImageLayer:
    """Add the image layer of a source."""
    data, look, _ = image_layer_data(stack)
    show_frequency_upwards(viewer)
    begin_at_first_page(viewer, stack)
    return viewer.add_image(data, **look)


def begin_at_first_page(viewer: Viewer, stack: SpectrogramStack) -> None:
    """Show the first page of a source when its image comes.

    napari would begin in the middle, or at the page of another recording.
    """

    def on_inserted(event: LayerEvent) -> None:
        role = role_of(event.value)
        if role is not None and role.kind == "image" and role.stack is stack:
            viewer.layers.events.inserted.disconnect(on_inserted)
            viewer.dims.set_current_step(0, 0)

    # After napari's own, which goes to the middle.
    viewer.layers.events.inserted.connect(on_inserted, position="last")


def show_frequency_upwards(viewer: Viewer) -> None:
    """Turn the window's vertical axis so that kHz grow upwards.

    World coordinates grow with kHz then. It is a property of the whole window: who has other
    images in it is told.
    """
    camera: Camera = camera_of(viewer)
    if camera.orientation2d[0] == "up":
        return
    camera.orientation2d = ("up", "right")
    if any(role_of(layer) is None and layer.ndim >= _PAGE_AXES for layer in viewer.layers):
        show_info(
            "Frequency points up in this window now, so its other layers are upside down: "
            "open spectrograms in a window of their own (a right click on the 2D/3D button turns "
            "the axis back)."
        )


def source_of(viewer: Viewer, layer: Layer | None) -> SourceLayers | None:
    """From any layer of a source to all of them; None if it is none and cannot become one."""
    if layer is None or layer not in viewer.layers:
        return None
    try:
        role = role_of(layer)
        stack = adopt(layer) if role is None else role.stack
    except GuiError:
        return None
    image = member(viewer, stack, "image", layer)
    if image is None:
        return None
    return SourceLayers(
        image=image,
        probabilities=member(viewer, stack, "probabilities", layer),
        calls=member(viewer, stack, "calls", layer),
        stack=stack,
    )


def show_probabilities(
    viewer: Viewer, image: ImageLayer, values: Any, model_fingerprint: str
) -> ImageLayer:
    """Add this source's probabilities, hidden, or put them in the place of those it has.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    image : Image
        The source's image.
    values : array
        (n, 512, 512) uint8, also one that is still being filled.
    model_fingerprint : str
        The model that makes them.
    """
    stack = adopt(image)
    ProbabilityStack(values, stack.layout, model_fingerprint)  # refuses other shapes and types
    role = Role(kind="probabilities", stack=stack, made_by=model_fingerprint)
    layer = member(viewer, stack, "probabilities")
    if layer is not None:
        layer.metadata[ROLE] = role
        layer.data = values
        return layer
    new: ImageLayer = Image(
        values,
        name=f"{image.name} probabilities",
        contrast_limits=(0, 255),
        colormap="inferno",
        blending="additive",
        rgb=False,
        visible=False,
        metadata={ROLE: role},
        **axes_of_image(image),
    )
    _insert(viewer, new, viewer.layers.index(image) + 1)
    new.editable = False
    return new


def show_calls(
    viewer: Viewer, image: ImageLayer, labels: Any, settings: CleanSettings | None = None
) -> LabelsLayer:
    """Add this source's calls, or write them into the layer it has.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    image : Image
        The source's image.
    labels : array
        (n, 512, 512) whole numbers. A writable int32 array, as `new_labels` gives, becomes the
        layer's data itself; of anything else the pages are copied, and undo forgets what was.
    settings : CleanSettings, optional
        What made them; None for masks drawn by hand.
    """
    stack = adopt(image)
    MaskStack(labels, stack.layout, settings)  # refuses other shapes and types
    role = Role(kind="calls", stack=stack, made_by=settings)
    layer = member(viewer, stack, "calls")
    if layer is not None and layer.data.shape == stack.layout.shape:
        layer.metadata[ROLE] = role
        if labels is not layer.data:  # else whoever wrote into it knows what undo may still reach
            write_pages(layer.data, labels)
            drop_history(layer)
        layer.refresh()
        return layer
    look = {"name": f"{image.name} calls", "metadata": {ROLE: role}, **axes_of_image(image)}
    new: LabelsLayer = Labels(
        as_writable(labels, stack.layout), colormap=call_colours(), opacity=1.0, **look
    )
    new.contour = OUTLINE_PX
    _insert(viewer, new, len(viewer.layers))
    return new


def state_scale(viewer: Viewer, image: ImageLayer, grid: Grid | None) -> SpectrogramStack:
    """Say what a pixel of a source of images means; its layers take their new axes.

    Raises
    ------
    GuiError
        If it is a recording, whose scale is known.
    """
    old = adopt(image)
    if old.layout.contiguous:
        msg = f"{image.name}: is a recording, its scale is known: render it with other settings"
        raise GuiError(msg)
    stack = replace(old, layout=replace(old.layout, grid=grid))
    ours = [x for x in viewer.layers if (r := role_of(x)) is not None and r.stack is old]
    for layer in ours:
        layer.metadata[ROLE] = replace(layer.metadata[ROLE], stack=stack)
        for name, value in axes_of_layout(stack.layout, shape=layer.data.shape).items():
            setattr(layer, name, value)
    show_frequency_upwards(viewer)
    return stack


def page_in_view(viewer: Viewer, layer: Layer) -> int:
    """Number of the page of `layer` that the window shows, from 0; the nearest it has."""
    if layer.ndim == _PAGE_AXES:
        return 0
    position = layer.world_to_data(viewer.dims.point)[-_STACK_AXES]
    return int(np.clip(np.rint(position), 0, layer.data.shape[0] - 1))


def page_time_text(layout: Layout, page: int, code: str = "") -> str:
    """Which page this is, for a person: `page 3 of 0-22: 0.662-0.883 s of rec_2`.

    From 0, because napari's slider and the table of calls count so. A code stands for the names of
    recording and images.
    """
    number = f" {page} of 0-{layout.n_pages - 1}" if layout.n_pages > 1 else ""
    if layout.starts_s is not None and layout.grid is not None:
        start_s = layout.starts_s[page]
        end_s = start_s + PAGE_PX * layout.grid.seconds_per_column
        span = f"{start_s:.3f}-{end_s:.3f} s of {code or layout.source}"
        return f"page{number}: {span}"
    name = layout.page_names[page] if layout.page_names else layout.source
    return f"image{number}: {code or name}"


def _insert(viewer: Viewer, layer: Layer, index: int) -> None:
    """Put a layer at its place in the list and leave the user's choice of layer as it is."""
    active = viewer.layers.selection.active
    viewer.layers.insert(index, layer)
    viewer.layers.selection.active = active
