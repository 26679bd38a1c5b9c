"""Every measure of a call, declared once: its name, its unit, its formula and where that is from.

The name is the column's in tables; the formula is the docstring. The page of measures in the docs
is made of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from napari_squeakout.core.settings import MeasureSettings

from .contour import Contour, jumps_of, smoothed
from .peaks import Values

# Onset and offset lie 15 dB below a call's middle: the frequency there is the median of so many
# columns.
_END_COLUMNS = 3


@dataclass(frozen=True, kw_only=True)
class MeasuredCall:
    """What a call's measures are computed of.

    Parameters
    ----------
    contour : Contour
        Its fundamental.
    profile : NDArray
        (rows,) power of its mask at each frequency.
    n_pieces : int
        Segments of its mask.
    cut_low, cut_high, cut_in_time : bool
        Whether its mask ends where the band, or the time that is known, does.
    interval_s : float
        From its end to the next call's start; nan where there is none.
    settings : MeasureSettings
        What counts as a jump.
    in_decibels : bool
        Whether levels are known.
    """

    contour: Contour
    profile: Values = field(repr=False)
    n_pieces: int
    cut_low: bool
    cut_high: bool
    cut_in_time: bool
    interval_s: float
    settings: MeasureSettings
    in_decibels: bool


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure.

    Parameters
    ----------
    name : str
        Column of the table; what follows the last underscore is its unit.
    unit : str
        As people write it; empty for plain numbers.
    formula : str
        How it is computed, in one sentence.
    source : str
        Which programs measure it so, or what it follows.
    value : callable
        Call -> the number; nan where it cannot be measured.
    is_count : bool
        Whether it is a whole number.
    """

    name: str
    unit: str
    formula: str
    source: str
    value: Callable[[MeasuredCall], float] = field(repr=False)
    is_count: bool = False


_declared: list[Measure] = []


def _measure(
    unit: str, source: str, *, is_count: bool = False, needs: str = "contour"
) -> Callable[[Callable[[MeasuredCall], float]], Callable[[MeasuredCall], float]]:
    """Declare a measure; one that needs what is not known of a call is empty."""

    def declare(formula: Callable[[MeasuredCall], float]) -> Callable[[MeasuredCall], float]:
        def value(call: MeasuredCall) -> float:
            heard = needs == "mask" or len(call.contour) > 0
            told = needs != "level" or call.in_decibels
            return float(formula(call)) if heard and told else float("nan")

        text = " ".join((formula.__doc__ or "").split())
        _declared.append(
            Measure(
                name=formula.__name__,
                unit=unit,
                formula=text,
                source=source,
                value=value,
                is_count=is_count,
            )
        )
        return formula

    return declare


@_measure("Hz", "DeepSqueak, USVSEG, MAD")
def peak_hz(call: MeasuredCall) -> float:
    """Frequency of the contour where it is loudest."""
    return float(call.contour.hz[call.contour.power_db.argmax()])


@_measure("Hz", "DeepSqueak")
def principal_hz(call: MeasuredCall) -> float:
    """Median of the contour."""
    return float(np.median(call.contour.hz))


@_measure("Hz", "VocalMat (main)")
def contour_mean_hz(call: MeasuredCall) -> float:
    """Mean of the contour."""
    return float(call.contour.hz.mean())


@_measure("Hz", "MUPET, MAD")
def start_hz(call: MeasuredCall) -> float:
    """Median of the contour's first 3 columns."""
    return float(np.median(call.contour.hz[:_END_COLUMNS]))


@_measure("Hz", "MUPET, MAD")
def end_hz(call: MeasuredCall) -> float:
    """Median of the contour's last 3 columns."""
    return float(np.median(call.contour.hz[-_END_COLUMNS:]))


@_measure("Hz", "VocalMat (main), DeepSqueak, MUPET")
def min_hz(call: MeasuredCall) -> float:
    """Lowest frequency of the contour; where `cut_low` is 1 the call may go on below."""
    return float(call.contour.hz.min())


@_measure("Hz", "VocalMat (main), DeepSqueak, MUPET")
def max_hz(call: MeasuredCall) -> float:
    """Highest frequency of the contour; where `cut_high` is 1 the call may go on above."""
    return float(call.contour.hz.max())


@_measure("Hz", "VocalMat, DeepSqueak, MUPET")
def range_hz(call: MeasuredCall) -> float:
    """`max_hz` - `min_hz`: the contour's own bandwidth, without harmonics and the line's width."""
    return float(np.ptp(call.contour.hz))


@_measure("Hz", "USVSEG")
def sd_hz(call: MeasuredCall) -> float:
    """Standard deviation of the contour, n in the denominator."""
    return float(call.contour.hz.std())


@_measure("Hz/s", "DeepSqueak, MAD")
def slope_hz_per_s(call: MeasuredCall) -> float:
    """Slope of the least-squares line through the contour over time."""
    t = call.contour.time_s - call.contour.time_s.mean()
    return float(t @ call.contour.hz / (t @ t)) if len(t) > 1 else np.nan


@_measure("Hz/s", "MAD, USVSEG; without jumps, which are counted apart")
def fm_rate_hz_per_s(call: MeasuredCall) -> float:
    """Mean of |change of frequency| / time from column to column, within unbroken lines.

    Each column is the mean of 5, so that speckle does not count.
    """
    hz, contour = smoothed(call.contour), call.contour
    within = np.diff(contour.trace) == 0
    rate = np.abs(np.diff(hz))[within] / (np.diff(contour.column)[within] * contour.column_s)
    return float(rate.mean()) if len(rate) else np.nan


@_measure("", "DeepSqueak, MAD; in fixed units, so that it depends on no display")
def sinuosity(call: MeasuredCall) -> float:
    """Length of the contour's path, jumps included, by the straight distance of its ends.

    Both in the plane of milliseconds and kilohertz; each column is the mean of 5.
    """
    ms, khz = call.contour.time_s * 1e3, smoothed(call.contour) / 1e3
    straight = np.hypot(ms[-1] - ms[0], khz[-1] - khz[0])
    path = np.hypot(np.diff(ms), np.diff(khz)).sum()
    return float(path / straight) if straight > 0 else np.nan


@_measure("", "MAD; VocalMat looks for gaps in one column", is_count=True)
def n_jumps(call: MeasuredCall) -> float:
    """Sudden changes of the contour's frequency by more than `jump_hz` (5 kHz).

    From one line to another, at most 10.24 ms apart, each carried on to the middle between them.
    """
    return len(jumps_of(call.contour, call.settings.jump_hz))


@_measure("", "as `n_jumps`", is_count=True)
def n_jumps_up(call: MeasuredCall) -> float:
    """How many of the jumps go up."""
    return int(np.count_nonzero(jumps_of(call.contour, call.settings.jump_hz) > 0))


@_measure("Hz", "as `n_jumps`")
def largest_jump_hz(call: MeasuredCall) -> float:
    """Size of the largest jump, negative for one that goes down; empty without jumps."""
    sizes = jumps_of(call.contour, call.settings.jump_hz)
    return float(sizes[np.abs(sizes).argmax()]) if len(sizes) else np.nan


@_measure("", "VocalMat flags a second frequency in more than 10 columns", is_count=True)
def n_harmonics(call: MeasuredCall) -> float:
    """How many of twice, three and four times the fundamental sound with it.

    Lines of at least 4 columns within 2 % of the multiple, for 60 % of their time.
    """
    return len(call.contour.harmonics)


@_measure("", "segments of the mask that touch, over corners too", is_count=True, needs="mask")
def n_pieces(call: MeasuredCall) -> float:
    """Unconnected parts of the mask, over page borders."""
    return call.n_pieces


@_measure("dB re FS²/Hz", "VocalMat (which takes the mean of decibels)", needs="level")
def mean_power_db(call: MeasuredCall) -> float:
    """Level of the mean power along the contour."""
    return float(10 * np.log10((10 ** (call.contour.power_db / 10)).mean()))


@_measure("dB re FS²/Hz", "VocalMat", needs="level")
def peak_power_db(call: MeasuredCall) -> float:
    """Highest level along the contour."""
    return float(call.contour.power_db.max())


@_measure(
    "dB", "the floor is tracked row by row over seconds, as levelled pages have it", needs="level"
)
def snr_db(call: MeasuredCall) -> float:
    """Median along the contour of the level above the noise's mean power in that row."""
    return float(np.median(call.contour.above_db))


@_measure("", "DeepSqueak", needs="level")
def tonality(call: MeasuredCall) -> float:
    """1 - geometric / arithmetic mean of the power within 10 kHz of the contour, its mean."""
    return float(call.contour.tonality.mean())


@_measure("bit", "usv-playpen, MAD", needs="level")
def entropy_bits(call: MeasuredCall) -> float:
    """Entropy of the share of the mask's power that each frequency has, rows of 244 Hz."""
    share = call.profile[call.profile > 0] / call.profile.sum()
    return float(-(share @ np.log2(share)))


@_measure("s", "VocalMat, usv-playpen", needs="mask")
def interval_s(call: MeasuredCall) -> float:
    """From the end to the next call's start; below 0 where both overlap, empty for the last."""
    return call.interval_s


@_measure("", "1 where `min_hz` and `low_hz` are the band's", is_count=True, needs="mask")
def cut_low(call: MeasuredCall) -> float:
    """Whether the mask reaches the band's lower edge."""
    return call.cut_low


@_measure("", "1 where `max_hz` and `high_hz` are the band's", is_count=True, needs="mask")
def cut_high(call: MeasuredCall) -> float:
    """Whether the mask reaches the band's upper edge, or the highest frequency that is known."""
    return call.cut_high


@_measure("", "1 where `duration_s` is not the call's own", is_count=True, needs="mask")
def cut_in_time(call: MeasuredCall) -> float:
    """Whether the mask reaches the recording's first or last moment, or an image's edge."""
    return call.cut_in_time


#: All measures beside those of the mask's extent, in the order of the table's columns.
MEASURES = tuple(_declared)
