"""Cleaning whole sources: who is cleaned how, one job for all of them, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.review.proposals import CleanReport, Proposals
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.gui.layers.layers import show_calls, source_of
from napari_squeakout.gui.layers.roles import GuiError, SourceLayers, role_of
from napari_squeakout.gui.names.shown import shown_name
from napari_squeakout.gui.qt.jobs import State
from napari_squeakout.gui.source.calls_layer import (
    calls_layer,
    date_changes,
    forget_rewritten,
    proposals_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_squeakout.core.settings import CleanSettings
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.qt.job_bar import JobBar
    from napari_squeakout.gui.source.registry import SourceRegistry

#: Recordings that a sentence names; the others are counted.
_MOST_NAMED = 3


@dataclass(frozen=True)
class Order:
    """A source to be cleaned, and how."""

    source: SourceLayers
    settings: CleanSettings

    @property
    def name(self) -> str:
        """Of the source, as it is shown."""
        return shown_name(self.source.stack)


@dataclass(frozen=True, eq=False)
class Work:
    """An order, with the labels it is fulfilled in and the probabilities they are made of."""

    order: Order
    proposals: Proposals
    values: Any


class Cleaning:
    """Cleans all pages of sources, beside the window.

    A new order for a source takes the place of the one it had; those of other sources that have
    not ended are kept.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    bar : JobBar
        Where it is shown.
    sources : SourceRegistry
        The states of the window's sources.
    ended : callable
        Called with the orders that were fulfilled whenever layers have been brought up to date.
    is_segmented_now : callable
        Tells whether the network is at work on an image: its pages are cleaned when that has ended.
    """

    def __init__(
        self,
        viewer: Viewer,
        bar: JobBar,
        *,
        sources: SourceRegistry,
        ended: Callable[[list[Order]], object],
        is_segmented_now: Callable[[Any], bool],
    ) -> None:
        self._viewer = viewer
        self._sources = sources
        self._is_segmented_now = is_segmented_now
        self._bar = bar
        self._ended = ended
        self._orders: list[Order] = []
        self._refused: list[str] = []
        self._fulfilled: list[Order] = []
        self._renewed = False

    def order(self, sources: Sequence[SourceLayers], settings: CleanSettings) -> None:
        """Clean sources; what is being cleaned already begins again."""
        job = self._bar.job
        given_up = job.state is State.STOPPING and not self._renewed
        images = [source.image for source in sources]
        going_on = self._orders if job.is_active and not given_up else []
        kept = [order for order in going_on if order.source.image not in images]
        self._orders = [*(Order(source, settings) for source in sources), *kept]
        self._renewed = job.is_active
        job.restart(self._begin)

    def make_way(self) -> None:
        """Give up sources that the network has begun to work on; others begin again."""
        if any(self._is_segmented_now(order.source.image) for order in self._orders):
            self._renewed = self._bar.job.is_active
            self._bar.job.restart(self._begin)

    def is_ordered(self, source: SourceLayers, settings: CleanSettings) -> bool:
        """Whether a source is being cleaned in just that way."""
        return self._bar.job.state is State.RUNNING and any(
            order.source.image == source.image and order.settings == settings
            for order in self._orders
        )

    def _begin(self) -> None:
        self._renewed, self._refused = False, []
        work: list[Work] = []
        for order in self._orders:
            if order.source.image not in self._viewer.layers:
                continue
            if self._is_segmented_now(order.source.image):
                self._refused.append(
                    f"{order.name} is being segmented: its calls are made when that has ended."
                )
                continue
            try:
                work.append(self._work_of(order))
            except GuiError as error:
                self._refused.append(str(error))
        self._orders = [one.order for one in work]
        if work:
            self._bar.start(cleaning(work), done=self._on_done, ended=self._on_end)
        else:
            self._bar.say(" ".join(self._refused))

    def _work_of(self, order: Order) -> Work:
        """What the thread gets: nothing of it is asked of a layer there."""
        source, settings = order.source, order.settings
        if source.probabilities is None:
            msg = f"{order.name}: has no probabilities to clean: segment it first"
            raise GuiError(msg)
        state = self._sources.take_in(source)
        proposals = proposals_of(self._viewer, source, state=state, settings=settings)
        layer = calls_layer(self._viewer, source)
        if layer is not None:
            date_changes(layer)
        return Work(order, proposals, source.probabilities.data)

    def _on_done(self, outcomes: list[tuple[Order, CleanReport | str]]) -> None:
        reports = []
        for order, outcome in outcomes:
            layer = calls_layer(self._viewer, order.source)
            if order.source.image not in self._viewer.layers:
                self._refused.append(f"{order.name} was removed while it was cleaned.")
            elif layer is None:
                self._refused.append(f"The calls of {order.name} were removed while cleaned.")
            elif isinstance(outcome, str):
                self._refused.append(outcome)
            else:
                show_calls(self._viewer, order.source.image, layer.data, outcome.settings)
                forget_rewritten(layer)
                date_changes(layer)  # also what was painted meanwhile
                reports.append((order.name, outcome))
                self._fulfilled.append(order)
        self._bar.say(" ".join([*report_texts(reports), *self._refused]))

    def _on_end(self, state: State, _last: Progress | None) -> None:
        if state is not State.DONE:
            self._show_half_done()
        if state is State.CANCELLED and not self._renewed:
            names = " and ".join(order.name for order in self._orders)
            self._bar.say(
                f"Cancelled: some pages of {names} still have their old calls; "
                "apply again to bring all up to date."
            )
        if not self._renewed:
            self._orders = []
        fulfilled, self._fulfilled = self._fulfilled, []
        self._ended(fulfilled)

    def _show_half_done(self) -> None:
        """Show what was written; what undo knows of such pages is of calls that are no more."""
        for order in self._orders:
            layer = calls_layer(self._viewer, order.source)
            if layer is not None:
                forget_rewritten(layer)
                date_changes(layer)
                layer.refresh()


def cleaning(work: Sequence[Work]) -> Steps[list[tuple[Order, CleanReport | str]]]:
    """Clean sources one after another; why one cannot be does not keep the others from it."""
    total = sum(2 * one.proposals.layout.n_pages for one in work)
    before, outcomes = 0, []
    for one in work:
        outcome: CleanReport | str = ""
        try:
            steps = one.proposals.rewriting(one.values, one.order.settings)
            outcome = yield from _placed(steps, before, total)
        except ValueError as error:
            outcome = f"{one.order.name}: {error}"
        before += 2 * one.proposals.layout.n_pages
        outcomes.append((one.order, outcome))
    return outcomes


def _placed(steps: Steps[CleanReport], before: int, total: int) -> Steps[CleanReport]:
    """Steps as a part of longer work."""
    while True:
        try:
            progress = next(steps)
        except StopIteration as finished:
            report: CleanReport = finished.value
            return report
        yield Progress(before + progress.done, total, progress.what)


def sources_with_probabilities(viewer: Viewer) -> list[SourceLayers]:
    """Every source of the window that the network has been asked about."""
    found: dict[int, SourceLayers] = {}
    for layer in viewer.layers:
        role = role_of(layer)
        if role is not None and role.kind == "probabilities" and id(role.stack) not in found:
            source = source_of(viewer, layer)
            if source is not None and source.probabilities is not None:
                found[id(role.stack)] = source
    return list(found.values())


def report_texts(reports: Sequence[tuple[str, CleanReport]]) -> list[str]:
    """Say how many calls there are now, and what was left as it is; nothing of nothing."""
    if not reports:
        return []
    name = _listed([name for name, _ in reports])
    n_kept = sum(report.n_kept for _, report in reports)
    calls = f"{name}: {counted(sum(report.n_calls for _, report in reports), 'call')}"
    n_pages = sum(report.n_pages for _, report in reports)
    n_unsegmented = sum(report.n_unsegmented for _, report in reports)
    if n_unsegmented:
        calls += f" on {n_pages - n_unsegmented} of {counted(n_pages, 'page')}, the "
        calls += "other is" if n_unsegmented == 1 else "others are"
        calls += " not segmented yet"
    calls += "."
    stay = "left as it is" if n_kept == 1 else "left as they are"
    kept = f"{counted(n_kept, 'page')} corrected or approved, {stay}."
    left_out = [note for _, report in reports for note in report.notes]
    return [calls, *([kept] if n_kept else []), *left_out]


def _listed(names: Sequence[str]) -> str:
    """Names for a sentence; of many the first ones."""
    if len(names) > _MOST_NAMED:
        return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
