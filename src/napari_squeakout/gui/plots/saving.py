"""A plot as a picture in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyqtgraph.exporters import ImageExporter
from qtpy.QtCore import QBuffer, QByteArray, QIODeviceBase, QRectF
from qtpy.QtGui import QPainter
from qtpy.QtSvg import QSvgGenerator
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_squeakout.core.errors import InputError
from napari_squeakout.gui.source.contents import file_to_write
from napari_squeakout.io.files import atomic_file

from .colours import paper

if TYPE_CHECKING:
    from napari_squeakout.gui.layers.layer_kinds import ImageLayer

    from .area import PlotArea

_PNG, _SVG = ".png", ".svg"
_FILTERS = {f"Picture (*{_PNG})": _PNG, f"Drawing (*{_SVG})": _SVG}
#: Pixels of a picture by those of the screen: enough to be printed in a column.
_FINER, _DOTS_PER_INCH = 3, 96


def asked_path(parent: QWidget, name: str) -> tuple[str, str]:
    """Where a person wants the picture, empty where nowhere, and the ending of the kind chosen."""
    path, kind = QFileDialog.getSaveFileName(
        parent, "Save the plot", f"{name}{_PNG}", ";;".join(_FILTERS)
    )
    return str(path), _FILTERS.get(str(kind), _PNG)


def save_picture(area: PlotArea, path: str | Path, ending: str, *, layer: ImageLayer) -> str:
    """Write the plot as it is seen, on white, whole or not at all; say so.

    Parameters
    ----------
    area : PlotArea
        Shows it.
    path : str or Path
        Where; what is there was asked about.
    ending : str
        Of a name that has none, as .png.
    layer : ImageLayer
        Of the source, whose files are not written over.

    Raises
    ------
    SqueakOutError
        If the name ends otherwise, is that of a file that the pages are read from, or of one that
        was not asked about, or it cannot be written.
    """
    file = file_to_write(path, (_PNG, _SVG), "a plot", ending=ending, metadata=layer.metadata)
    with area.dressed(paper()):
        picture = _svg(area) if file.suffix.lower() == _SVG else _png(area)
    with atomic_file(file) as draft:
        draft.write_bytes(picture)
    return f"Saved the plot to {file}."


def _svg(area: PlotArea) -> bytes:
    """By Qt itself: pyqtgraph's own cannot read the paths that newer versions of Qt write."""
    around = area.ci.sceneBoundingRect()
    kept = QByteArray()
    buffer = QBuffer(kept)
    buffer.open(QIODeviceBase.OpenModeFlag.WriteOnly)
    drawing = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # which knows of clipping
    drawing.setOutputDevice(buffer)
    drawing.setSize(around.size().toSize())
    drawing.setViewBox(QRectF(0, 0, around.width(), around.height()))
    drawing.setResolution(_DOTS_PER_INCH)
    drawing.setTitle("Plot of calls")
    painter = QPainter(drawing)
    painter.fillRect(QRectF(0, 0, around.width(), around.height()), paper().ground)
    exporter = ImageExporter(area.ci)
    # Else dots are copies of small pictures.
    options = {"antialias": True, "background": paper().ground, "painter": painter}
    try:
        exporter.setExportMode(True, {**options, "resolutionScale": 1.0})
        area.scene().render(painter, QRectF(), around)
    finally:
        exporter.setExportMode(False)
        painter.end()
    return bytes(kept.data())


def _png(area: PlotArea) -> bytes:
    exporter = ImageExporter(area.ci)
    exporter.params["background"] = paper().ground
    exporter.params["width"] = int(area.ci.boundingRect().width() * _FINER)
    kept = QByteArray()
    buffer = QBuffer(kept)
    buffer.open(QIODeviceBase.OpenModeFlag.WriteOnly)
    if not exporter.export(toBytes=True).save(buffer, "PNG"):
        msg = "this plot cannot be drawn at its size: make the window smaller"
        raise InputError(msg)
    return bytes(kept.data())
