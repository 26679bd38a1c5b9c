"""The settings that the model asked last was judged with, and a line about them."""

from __future__ import annotations

from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.gui.qt.job_bar import message_label


class Judged:
    """Knows it, and tells it."""

    def __init__(self) -> None:
        self._model = ""
        #: What it was judged with; the defaults where nobody knows.
        self.settings = CleanSettings()
        self.line = message_label("clean_judged")

    def follow(self, model: str, judged: CleanSettings | None) -> None:
        """Another model is asked."""
        self.settings, self._model = judged or CleanSettings(), model

    def tell(self, now: float) -> None:
        """Say whether the threshold now is the one that it was judged with."""
        judged = self.settings.threshold
        text = f"{self._model} was judged with a threshold of {judged:g}, which is used."
        if now != judged:
            text = f"{self._model} was judged with a threshold of {judged:g}; this is {now:g}."
        self.line.setText(text)
        self.line.setVisible(judged != CleanSettings().threshold)
