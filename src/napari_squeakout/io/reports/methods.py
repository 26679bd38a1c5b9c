"""How it was found, in words that can be pasted into a paper.

Recordings that were made otherwise than the others are named: nothing is said of all that is true
of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from napari_squeakout.core.groups.comparing import LEVEL, GroupComparison
from napari_squeakout.core.numerals import counted

from .report import HowMade, Report, ReportedRecording

_SQUEAKOUT = (
    "Santana GM, Dietrich MO (2024) SqueakOut: Autoencoder-based segmentation of mouse ultrasonic "
    "vocalizations. bioRxiv. doi:10.1101/2024.04.19.590368"
)
_VOCALMAT = (
    "Fonseca AHO, Santana GM, Bosque Ortiz GM, Bampi S, Dietrich MO (2021) Analysis of ultrasonic "
    "vocalizations from mice using computer vision and machine learning. eLife 10:e59161. "
    "doi:10.7554/eLife.59161"
)
_GROUPS = (
    (
        "Chung E, Romano JP (2013) Exact and asymptotically robust permutation tests. Ann Stat "
        "41:484-507. doi:10.1214/13-AOS1090"
    ),
    (
        "Hedges LV (1981) Distribution theory for Glass's estimator of effect size and related "
        "estimators. J Educ Stat 6:107-128. doi:10.3102/10769986006002107"
    ),
    (
        "Hesterberg TC (2015) What teachers should know about the bootstrap. Am Stat 69:371-386. "
        "doi:10.1080/00031305.2015.1089789"
    ),
    "Holm S (1979) A simple sequentially rejective multiple test procedure. Scand J Stat 6:65-70.",
    (
        "Janssen A (1997) Studentized permutation tests for non-i.i.d. hypotheses and the "
        "generalized Behrens-Fisher problem. Stat Probab Lett 36:9-21. "
        "doi:10.1016/S0167-7152(97)00043-6"
    ),
)
_DRAWN = (
    "Phipson B, Smyth GK (2010) Permutation p-values should never be zero. Stat Appl Genet Mol "
    "Biol 9:39. doi:10.2202/1544-6115.1585"
)
_SHORT = 12


def methods(report: Report) -> str:
    """The paragraph: models, settings, versions, how calls were measured and groups compared."""
    table = report.summary.recordings
    n, jump_khz = len(report.recordings), report.measures.jump_hz / 1e3
    calls = counted(int(table["calls"].sum()), "call")
    version = report.versions.get("napari-squeakout", "of unknown version")
    fitted = ", fitted to the intervals between calls," * (report.summing.bout_cut == "intervals")
    sentences = [
        (
            f"Ultrasonic calls were found in {counted(n, 'recording')} "
            f"({table['duration_s'].sum() / 60:.1f} min, {calls}) "
            "as masks of spectrogram pixels."
        ),
        *(_making(made, names, n) for made, names in makings(report.recordings)),
        _reviewed(report.recordings),
        (
            f"Calls were measured with napari-squeakout {version}: frequencies are those of the "
            f"fundamental's contour, changes above {jump_khz:g} kHz are jumps, "
            f"and a silence of {report.summary.bout_gap_s:.3g} s{fitted} ends a bout."
        ),
        _classed(report.recordings),
    ]
    if report.comparison is not None:
        sentences.append(_compared(report.comparison))
    others = ", ".join(
        f"{name} {version}"
        for name, version in report.versions.items()
        if name != "napari-squeakout"
    )
    return " ".join([*(one for one in sentences if one), f"Libraries: {others}."])


def citations(report: Report) -> list[str]:
    """What the paragraph rests on."""
    found = [_SQUEAKOUT, _VOCALMAT]
    if report.comparison is None:
        return found
    exact = report.comparison.differences["exact"].dropna()
    return [*found, *_GROUPS, *(() if exact.astype(bool).all() else (_DRAWN,))]


def makings(recordings: Sequence[ReportedRecording]) -> list[tuple[HowMade, list[str]]]:
    """Each way in which calls were made, with the names of the recordings made so."""
    ways: list[tuple[HowMade, list[str]]] = []
    for one in recordings:
        same = next((names for made, names in ways if made == one.made), None)
        if same is None:
            ways.append((one.made, [one.name]))
        else:
            same.append(one.name)
    return ways


def _making(made: HowMade, names: list[str], n: int) -> str:
    where = "In all of them" if len(names) == n else f"In {len(names)} of them ({', '.join(names)})"
    program = made.versions.get("napari-squeakout")
    by = f" by napari-squeakout {program}" if program else ""
    model = (
        f"the SqueakOut network (Santana and Dietrich 2024), model {made.model} (fingerprint "
        f"{made.fingerprint[:_SHORT] or 'not recorded'}), gave each pixel's probability{by}"
        if made.model
        else "no model is recorded; calls are those that a person drew or another program gave"
    )
    again = f"; model {made.again} proposed pages that nobody had worked on anew" * bool(made.again)
    precision = f", computed in {made.precision}" * bool(made.precision and made.model)
    return f"{where} {model}{precision}{again}.{_rendered(made.settings)}{_cleaned(made.settings)}"


def _rendered(settings: Mapping[str, Mapping[str, Any]]) -> str:
    known = settings.get("render")
    if not known or not {"page_length_s", "low_hz", "high_hz"} <= set(known):
        return ""
    return (
        f" Pages spanned {known['page_length_s']:.4g} s and {known['low_hz'] / 1e3:g}-"
        f"{known['high_hz'] / 1e3:g} kHz."
    )


def _cleaned(settings: Mapping[str, Mapping[str, Any]]) -> str:
    known = settings.get("clean")
    wanted = {"threshold", "min_area_px", "min_duration_s", "join_gap_s"}
    if not known or not wanted <= set(known):
        return " What turned probabilities into calls is not recorded."
    return (
        f" Pixels with a probability above {known['threshold']:g} belonged to calls; segments of "
        f"fewer than {known['min_area_px']} pixels and calls shorter than "
        f"{known['min_duration_s'] * 1e3:g} ms were removed, segments less than "
        f"{known['join_gap_s'] * 1e3:g} ms apart joined{_without_tones(known)}; "
        "all further settings are listed."
    )


def _without_tones(known: Mapping[str, Any]) -> str:
    dropped = ", and trains of equal tones at one frequency left out as a device's"
    return dropped if known.get("drop_tone_trains") else ""


def _reviewed(recordings: Sequence[ReportedRecording]) -> str:
    pages, approved, corrected = (
        sum(getattr(one, name) for one in recordings) for name in ("pages", "approved", "corrected")
    )
    if not approved and not corrected:
        return "No page was reviewed by a person."
    return (
        f"Of {counted(pages, 'page')} a person approved {approved}, as they were or after "
        f"correcting them, and corrected {corrected} more; the others are as proposed."
        f"{_blind(recordings, approved)}"
    )


def _blind(recordings: Sequence[ReportedRecording], approved: int) -> str:
    """How many pages were approved without knowing whose they are; nothing where none was."""
    blind = sum(one.blind for one in recordings)
    if not blind:
        return ""
    were = "was" if approved == 1 else "were"
    return (
        f" Reviewed blind: {blind} of {counted(approved, 'approved page')} {were} approved while "
        "names were hidden."
    )


def _classed(recordings: Sequence[ReportedRecording]) -> str:
    n = sum(one.classes_by_hand for one in recordings)
    if not n:
        return ""
    return f"A person gave {counted(n, 'call')} the class; all others have it by rules."


def _compared(comparison: GroupComparison) -> str:
    settings, table = comparison.settings, comparison.differences
    exact = table["exact"].dropna().astype(bool)
    how = (
        "all ways of dealing them to the groups"
        if exact.all()
        else f"all ways of dealing them to the groups, or {settings.resamples} drawn ones where "
        "there are more (Phipson and Smyth 2010)"
    )
    unit = settings.unit
    rows = "its recordings" if unit == "animal" else "its animals"
    return (
        f"Groups were compared by the mean of {rows} for each {unit} (n counts {unit}s): "
        "two-sided studentised permutation tests (Janssen 1997; Chung and Romano 2013), the "
        f"difference of means over Welch's standard error, over {how}, Hedges' g (Hedges "
        "1981), and 95 % intervals from the expanded percentile bootstrap (Hesterberg 2015; "
        f"{settings.resamples} samples, seed {settings.seed}). p was corrected for "
        f"{counted(int(table['tests'].iloc[0]), 'comparison')} (Holm 1979); below {LEVEL:g} groups "
        "were taken to differ."
    )
