"""What is known of a fine-tuning in memory -> the events that tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .events import (
    BatchEvent,
    CurvePointTold,
    EpochEvent,
    LearningCurveEvent,
    PlanEvent,
    VerdictEvent,
)

if TYPE_CHECKING:
    from napari_squeakout.core.fine_tuning.approved import ApprovedPages
    from napari_squeakout.core.fine_tuning.fine_tune import EpochReport, Plan
    from napari_squeakout.core.fine_tuning.learning_curve import LearningCurve
    from napari_squeakout.core.fine_tuning.verdict import Verdict
    from napari_squeakout.core.steps import Progress


def plan_event(plan: Plan, approved: ApprovedPages | None) -> PlanEvent:
    """What a fine-tuning is about to do with pages; without them, their numbers alone."""
    split = plan.split
    event = PlanEvent(
        learn=tuple(split.learn.tolist()),
        held_out=tuple(split.held_out.tolist()),
        between=tuple(split.between.tolist()),
        held_out_by=split.by,
        replayed=plan.replayed,
        epochs=plan.epochs,
        notes=() if approved is None else tuple(approved.notes),
    )
    return event if approved is None else event.model_copy(update=_about(plan, approved))


def _about(plan: Plan, approved: ApprovedPages) -> dict[str, object]:
    from napari_squeakout.core.scoring.page_scores import count_true_calls
    from napari_squeakout.core.settings import CleanSettings

    return {
        "held_out_names": tuple(approved.places[i].name for i in plan.split.held_out),
        "n_pages": len(approved.pages),
        "n_calls": count_true_calls(approved.masks, CleanSettings(), approved.grid),
    }


def batch_event(progress: Progress, epochs: int) -> BatchEvent:
    """A batch, counted from the first of all epochs, within its own."""
    batches = progress.total // epochs
    epoch, batch = divmod(progress.done - 1, batches)
    return BatchEvent(epoch=epoch + 1, epochs=epochs, batch=batch + 1, batches=batches)


def epoch_event(report: EpochReport, epochs: int) -> EpochEvent:
    """What an epoch came to, of at most so many."""
    epoch = report.epoch
    return EpochEvent(
        epoch=epoch.number + 1,
        epochs=epochs,
        loss=epoch.loss,
        dice=epoch.dice,
        held_out_loss=epoch.validation_loss,
        held_out_dice=epoch.validation_dice,
        best_epoch=report.best_epoch + 1,
    )


def verdict_event(verdict: Verdict) -> VerdictEvent:
    """What both models came to."""
    return VerdictEvent.model_validate(verdict.as_dict())


def learning_curve_event(curve: LearningCurve) -> LearningCurveEvent:
    """What parts of the pages brought."""
    points = tuple(CurvePointTold(**vars(point)) for point in curve.points)
    return LearningCurveEvent(points=points, expected=curve.expected)
