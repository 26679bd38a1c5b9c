"""The nouns: pages of spectrogram, probability and mask.

All are frozen and checked at birth. Axes are always (page, frequency, time); row 0 is the
highest frequency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .layout import Layout
from .numerals import are, counted
from .recording import Recording
from .settings import CleanSettings, Levels, RenderSettings

Page: TypeAlias = NDArray[np.float32]
Seen = TypeVar("Seen", bound=NDArray[Any])


def _check_pages(name: str, values: Any, layout: Layout, dtype: type) -> None:
    if tuple(values.shape) != layout.shape or not np.issubdtype(values.dtype, dtype):
        msg = (
            f"{layout.source}: {name} must be {dtype.__name__} {layout.shape}, "
            f"got {values.dtype} {tuple(values.shape)}"
        )
        raise ValueError(msg)


@dataclass(frozen=True)
class Origin:
    """The files that pages were read from, and how: enough to read them again.

    Parameters
    ----------
    kind : {"recording", "images"}
        What they are.
    files : tuple of Path
        Each once, in the order of the pages.
    settings : mapping
        Name of a settings class in small letters -> its values.
    """

    kind: Literal["recording", "images"]
    files: tuple[Path, ...]
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class PageDecibels:
    """A page of a recording on the spectrogram's own grid, whatever is shown of it.

    Parameters
    ----------
    power_db : NDArray
        (rows, columns) float32, dB re full scale^2 / Hz, highest frequency first.
    floor_db : NDArray
        (rows, columns) float32, the noise's mean power there, in the same unit.
    known : NDArray
        (rows, columns) bool, where the recording says anything.
    """

    power_db: NDArray[np.float32] = field(repr=False)
    floor_db: NDArray[np.float32] = field(repr=False)
    known: NDArray[np.bool_] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SpectrogramStack:
    """Pages of spectrogram.

    Parameters
    ----------
    pages : array
        (n, 512, 512) float32, 0..1; lazy (dask) where it comes from files.
    layout : Layout
        Where they lie.
    view : callable, optional
        `view(position)` makes the page-sized window that begins `position` pages into the stack;
        between two pages only where these are contiguous.
    notes : tuple of str
        What the user should know about how they were made.
    unreadable : tuple of str
        What was asked for and could not be read, one sentence each; it has no page.
    origin : Origin, optional
        Where it came from; None for pages that no file holds.
    levels : {"page", "noise"}
        What grey means on `pages`.
    views : mapping
        Of each meaning of grey that the source can give, the `view` of it.
    decibels : callable, optional
        `decibels(index)` gives the sound of a page, to be measured; None where no recording is
        behind the pages.
    sample_rate_hz : int, optional
        Of the recording that they were rendered from, as it was sampled; None for images.
    recording, rendering : Recording, RenderSettings, optional
        What all of these pages were rendered from, and how; None for images, and for a part.
    known : callable, optional
        `known(position)` gives (512, 512) bool: where that window shows what was recorded, and not
        what its place was filled with. None where nothing says so.
    beside : (int, int)
        Pages of the same source that lie before and after these, where they are a part of it;
        `view` reaches over them.
    """

    pages: Any = field(repr=False)
    layout: Layout
    view: Callable[[float], Page] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    origin: Origin | None = None
    levels: Levels = "page"
    views: Mapping[Levels, Callable[[float], Page]] = field(default_factory=dict, repr=False)
    decibels: Callable[[int], PageDecibels] | None = field(default=None, repr=False)
    sample_rate_hz: int | None = None
    recording: Recording | None = field(default=None, repr=False)
    rendering: RenderSettings | None = field(default=None, repr=False)
    known: Callable[[float], NDArray[np.bool_]] | None = field(default=None, repr=False)
    beside: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        _check_pages("pages", self.pages, self.layout, np.floating)

    def page(self, index: int) -> Page:
        """One page, (512, 512) float32, computed if need be."""
        # Past dask, whose graph of a long stack takes longer to search than a page to render.
        page = self.pages[index] if self.view is None else self.view(float(index))
        return np.asarray(page, dtype=np.float32)

    def part(self, first: int, stop: int) -> SpectrogramStack:
        """The pages first..stop as a stack of their own.

        Raises
        ------
        ValueError
            If there are no such pages.
        """
        if (first, stop) == (0, self.layout.n_pages):
            return self
        return replace(
            self,
            layout=self.layout.part(first, stop),
            pages=self.pages[first:stop],
            view=None if self.view is None else _view_from(self.view, first),
            views={levels: _view_from(view, first) for levels, view in self.views.items()},
            decibels=None if self.decibels is None else _decibels_from(self.decibels, first),
            recording=None,
            rendering=None,
            known=None if self.known is None else _view_from(self.known, first),
            beside=(self.beside[0] + first, self.beside[1] + self.layout.n_pages - stop),
        )


def _view_from(view: Callable[[float], Seen], first: int) -> Callable[[float], Seen]:
    """A view of a part, whose positions count from the part's first page."""
    return lambda position: view(position + first)


def _decibels_from(
    decibels: Callable[[int], PageDecibels], first: int
) -> Callable[[int], PageDecibels]:
    """The sound of a part, whose pages count from the part's first."""
    return lambda index: decibels(index + first)


@dataclass(frozen=True)
class ProbabilityStack:
    """What the network said; a new threshold never needs the network again.

    Parameters
    ----------
    values : array
        (n, 512, 512) uint8; probability = value / 255.
    layout : Layout
        Where the pages lie.
    model : str
        Fingerprint of the model that made them.
    """

    values: Any = field(repr=False)
    layout: Layout
    model: str = ""

    def __post_init__(self) -> None:
        _check_pages("probabilities", self.values, self.layout, np.uint8)


@dataclass(frozen=True)
class AnsweredStack(ProbabilityStack):
    """What the network has said just now.

    Parameters
    ----------
    n_silent : int
        Pages that it was not asked about, for no call may be on them.
    """

    n_silent: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know."""
        return silence_notes(self.n_silent, self.layout.n_pages)


def silence_notes(n_silent: int, n_pages: int) -> tuple[str, ...]:
    """Say how many of the pages looked at the network was not asked about, where there are any."""
    if not n_silent:
        return ()
    of_all = f"{n_silent} of {counted(n_pages, 'page')}"
    return (f"{of_all} {are(n_silent)} left out as silent: the network was not asked.",)


@dataclass(frozen=True)
class MaskStack:
    """Which pixels belong to which call.

    Parameters
    ----------
    labels : array
        (n, 512, 512) int32; 0 is background, 1.. are calls, each number used once in the stack
        (`telling_apart` sees to it where others wrote them).
    layout : Layout
        Where the pages lie.
    settings : CleanSettings, optional
        What made them; None for masks drawn by hand or read from files.
    """

    labels: Any = field(repr=False)
    layout: Layout
    settings: CleanSettings | None = None

    def __post_init__(self) -> None:
        _check_pages("labels", self.labels, self.layout, np.integer)


@dataclass(frozen=True)
class CleanedStack(MaskStack):
    """Masks as the clean-up makes them.

    Parameters
    ----------
    notes : tuple of str
        What the user should know: what was left out.
    """

    notes: tuple[str, ...] = ()


#: One row a call; columns in core/detection/calls.py.
CallTable: TypeAlias = pd.DataFrame
