"""What each step on the way to masks came to: a page of Markdown and a sheet of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_squeakout.core.numerals import counted
from napari_squeakout.io.files import atomic_file

from .building import Build
from .picture import Example, write_comparison
from .progress_file import MASKED, Done

#: What is written.
REPORT, SHEET = "report.md", "steps.png"
_WHAT = {
    "a": "first masks: VocalMat's segmentation",
    "b": "U-Net learns to give pages back",
    "c": "goes on with the masks of pages with calls",
    "d": "goes on with noise, whose masks are empty",
    "e": "what it says takes the masks' place",
    "f": "borders thinned",
}
_CONVENTION = (
    "Dice in percent, mean over images, 1 where both masks are empty; of noise it is the share of "
    "images left empty. (f) empties pages of noise, because they are said to be noise, and so are "
    "the masks that are handed on; what the network makes of them are the rows of (e)."
)
_SHOWN_CALLS, _SHOWN_NOISE = 6, 2


def write_report(build: Build, done: Sequence[Done], output: Path) -> Path:
    """Write `report.md` and, once there are masks, `steps.png`; gives the report's place."""
    noise = build.stored.is_noise
    counts = f"{counted(int((~noise).sum()), 'image')} with calls, {int(noise.sum())} of noise."
    lines = [
        "# Masks, step by step",
        "",
        f"{counts} {_truth_text(build)}",
        "",
        "| step | what | Dice, calls | Dice, noise | call pixels | also | time |",
        "|---|---|---|---|---|---|---|",
        *(_line(one) for one in done),
        "",
        _CONVENTION,
        *_problems(build),
    ]
    masks = [one.label for one in done if one.label[0] in MASKED]
    if masks:
        write_comparison(_examples(build, masks), output / SHEET)
        lines += ["", f"![Images and their masks after each step]({SHEET})"]
    with atomic_file(output / REPORT) as draft:
        draft.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return output / REPORT


def _truth_text(build: Build) -> str:
    if not build.truth:
        return "No true masks were given, so only noise tells how right the masks are."
    return f"Measured by {counted(len(build.truth), 'true mask')}; nothing is learned from them."


def _line(one: Done) -> str:
    known = one.figures
    also = [
        f"{name.replace('_', ' ')} {value:.4g}"
        for name, value in known.items()
        if name not in {"dice_calls", "dice_noise", "call_pixels"}
    ]
    cells = [
        one.label, _WHAT[one.label[0]], _percent(known.get("dice_calls")),
        _percent(known.get("dice_noise")), _percent(known.get("call_pixels")),
        ", ".join(also), f"{one.seconds:.0f} s",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _percent(value: Any) -> str:
    return "" if value is None else f"{100 * value:.2f}"


def _problems(build: Build) -> list[str]:
    problems = build.stored.problems
    return ["", "Left out:", "", *(f"- {text}" for text in problems)] if problems else []


def _examples(build: Build, labels: Sequence[str]) -> list[Example]:
    """Evenly spread over the images with calls and those of noise: none is chosen."""
    noise = build.stored.is_noise
    # An image whose true mask nobody gave is not shown as one without calls.
    called = np.array([i for i in np.flatnonzero(~noise) if i in build.truth or not build.truth])
    shown = [
        int(index)
        for pages, most in (
            (called, _SHOWN_CALLS), (np.flatnonzero(noise), _SHOWN_NOISE),
        )
        if len(pages)
        for index in pages[np.linspace(0, len(pages) - 1, min(most, len(pages))).astype(int)]
    ]  # fmt: skip
    masks = {label: build.progress.masks(label) for label in labels}
    return [
        Example(
            name=build.stored.names[index],
            page=np.array(build.stored.pages[index]),
            truth=build.truth.get(index, np.zeros(masks[labels[0]].shape[1:], bool))
            if build.truth
            else None,
            found={label: masks[label][index] for label in labels},
        )
        for index in shown
    ]
