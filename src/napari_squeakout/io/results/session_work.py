"""A session -> the work of a person on its source."""

from __future__ import annotations

from napari_squeakout.core.review.review import checked
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.io.sessions.kept_cleaning import kept_cleaning
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
    cleaning = kept_cleaning(session.folder, session.record)
    made_by = session.record.model
    asked = "" if made_by is None else made_by.fingerprint
    return Work(
        stack=stack,
        masks=MaskStack(session.labels, stack.layout, cleaning),
        probabilities=ProbabilityStack(session.probabilities, stack.layout, asked),
        # A page may have been painted on where nobody watched it.
        review=checked(session.record.review, session.labels)[0],
        stages=session.stages,
        model="" if made_by is None else made_by.name,
        known=session.record.sources,
        classes=session.classes,
    )
