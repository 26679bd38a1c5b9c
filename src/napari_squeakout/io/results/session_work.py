"""A session -> the work of a person on its source."""

from __future__ import annotations

from pydantic import ValidationError

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.review.review import checked
from napari_squeakout.core.setting import first_fault
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.io.sessions.session import Session

from .work_results import Work


def work_in(session: Session, stack: SpectrogramStack) -> Work:
    """The work that a session keeps; approvals of other calls than are there now are withdrawn.

    Parameters
    ----------
    session : Session
        Open.
    stack : SpectrogramStack
        Its pages, read back.

    Raises
    ------
    InputError
        If its calls were made with settings that this version does not know.
    """
    made_by = session.record.model
    asked = "" if made_by is None else made_by.fingerprint
    return Work(
        stack=stack,
        masks=MaskStack(session.labels, stack.layout, _cleaned_with(session)),
        probabilities=ProbabilityStack(session.probabilities, stack.layout, asked),
        # A page may have been painted on where nobody watched it.
        review=checked(session.record.review, session.labels)[0],
        stages=session.stages,
        model="" if made_by is None else made_by.name,
        known=session.record.sources,
    )


def _cleaned_with(session: Session) -> CleanSettings | None:
    """What made its calls: how far pieces of one call may lie apart is among it."""
    known = session.record.settings.get("clean")
    if known is None:
        return None
    try:
        return CleanSettings.model_validate(known)
    except ValidationError as error:
        msg = (
            f"{session.folder}: its calls were made with settings that this version does not know "
            f"({first_fault(error, of='clean')}): update napari-squeakout"
        )
        raise InputError(msg) from error
