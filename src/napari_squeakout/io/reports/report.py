"""What a report is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from napari_squeakout.core.groups.comparing import GroupComparison
from napari_squeakout.core.measures.summary import Summary
from napari_squeakout.core.settings import MeasureSettings, SummarySettings


@dataclass(frozen=True, kw_only=True)
class HowMade:
    """How the calls of a recording were made, as far as its record says.

    Parameters
    ----------
    model, fingerprint : str
        What proposed; empty where nothing says it.
    again : str
        A second model that proposed pages anew; empty where none did.
    settings : mapping
        Name of a settings class in small letters -> its values.
    versions : mapping
        Of program and libraries; empty where nothing says it.
    precision : str
        Number format the network computed with; empty where nothing says it.
    """

    model: str = ""
    fingerprint: str = ""
    again: str = ""
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    precision: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportedRecording:
    """One recording of a report.

    Parameters
    ----------
    name : str
        As in the summary.
    made : HowMade
        Its calls.
    pages, corrected, approved, blind : int
        How many pages it has, how many a person approved, how many beside these were corrected, and
        how many were approved while names were hidden.
    pictures : sequence of (str, bytes)
        The pages in most doubt, the worst first: what to write under each, and a JPEG.
    doubt : str
        What they were chosen by, or why there are none.
    classes_by_hand : int
        How many calls a person gave their class.
    """

    name: str
    made: HowMade
    pages: int
    corrected: int = 0
    approved: int = 0
    blind: int = 0
    pictures: Sequence[tuple[str, bytes]] = field(default=(), repr=False)
    doubt: str = ""
    classes_by_hand: int = 0


@dataclass(frozen=True, kw_only=True)
class Report:
    """Recordings, what they come to and how it was found.

    Parameters
    ----------
    title : str
        Over the page.
    summary : Summary
        Of all of them.
    recordings : sequence of ReportedRecording
        In its order.
    measures : MeasureSettings
        How calls were measured.
    summing : SummarySettings
        How they were summed up.
    comparison : GroupComparison or None
        Of the groups; None where there are none.
    no_groups : str
        Why groups are not compared although something is known of the recordings.
    versions : mapping
        Of program and libraries that measured.
    finished : str
        When.
    """

    title: str
    summary: Summary
    recordings: Sequence[ReportedRecording]
    measures: MeasureSettings
    summing: SummarySettings
    comparison: GroupComparison | None = None
    no_groups: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    finished: str = ""
