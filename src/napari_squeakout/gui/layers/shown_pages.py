"""Pages as the window shows them: one that cannot be read is blank, which is told, for as long."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

import dask.array as da
import numpy as np
from napari.utils.notifications import show_warning
from numpy.typing import NDArray

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.names.shown import shown_name

# A page takes 1 MB: going to and fro between some is not reading them again.
_PAGES_KEPT = 64


def shown_pages(stack: SpectrogramStack) -> Any:
    """The pages of a stack for a layer.

    Lazy ones are read from files when they are looked at, and a file may have gone or be broken
    by then. napari would put a traceback in front of the picture; segmenting still says it.

    Returns
    -------
    array
        (n, 512, 512) float32; lazy where the stack's own are.
    """
    return ShownPages(stack) if isinstance(stack.pages, da.Array) else stack.pages


class ShownPages:
    """(n, 512, 512) float32 pages, each read when it is looked at.

    No dask array: napari keeps the blocks of one, and a page that was blank because its drive was
    away for a moment would be blank for good.

    Parameters
    ----------
    stack : SpectrogramStack
        Whose pages.
    """

    # napari wraps what a plugin is given of classes whose module begins with its own name, in
    # another wrapper each time: the pages of a layer would not be known again.
    __module__ = "squeakout_pages"

    def __init__(self, stack: SpectrogramStack) -> None:
        self._stack = stack
        self._kept: OrderedDict[int, NDArray[np.float32]] = OrderedDict()
        #: Blank pages, and why.
        self._blank: dict[int, str] = {}
        self._lock = Lock()  # napari may slice in a thread
        self.shape = (stack.layout.n_pages, PAGE_PX, PAGE_PX)
        self.ndim, self.dtype = len(self.shape), np.dtype(np.float32)
        self.size = int(np.prod(self.shape))

    def __deepcopy__(self, _memo: Any) -> ShownPages:
        """A copied layer shows the same pages; they cannot be written to."""
        return self

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> NDArray[np.float32]:
        index = _whole(key, self.ndim)
        wanted = np.arange(len(self))[index[0]]
        if wanted.ndim == 0:
            part: NDArray[np.float32] = self._page(int(wanted))[index[1:]]
            return part
        pages = [self._page(page)[index[1:]] for page in wanted.tolist()]
        return np.stack(pages) if pages else np.zeros((0, PAGE_PX, PAGE_PX), self.dtype)[index]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self[:], dtype)

    def _page(self, page: int) -> NDArray[np.float32]:
        with self._lock:
            if page in self._kept:
                self._kept.move_to_end(page)
                return self._kept[page]
        try:
            values = self._stack.page(page)
        except SqueakOutError as error:
            self._tell(page, str(error))
            return np.zeros((PAGE_PX, PAGE_PX), np.float32)
        with self._lock:
            if page in self._blank:
                self._blank.clear()  # it is back; should it go again, that is news
            self._kept[page] = values
            while len(self._kept) > _PAGES_KEPT:
                self._kept.popitem(last=False)
        return values

    def _tell(self, page: int, why: str) -> None:
        """Say it once for all pages that are blank for one reason."""
        with self._lock:
            is_known = why in self._blank.values()
            self._blank[page] = why
        if not is_known:
            show_warning(f"Page {page} of {shown_name(self._stack)} is left blank. {why}")


def _whole(key: Any, n_axes: int) -> tuple[Any, ...]:
    """An index with a part for each axis."""
    parts = list(key) if isinstance(key, tuple) else [key]
    at = next((at for at, part in enumerate(parts) if part is Ellipsis), len(parts))
    rest = parts[at + 1 :]
    return (*parts[:at], *[slice(None)] * (n_axes - at - len(rest)), *rest)
