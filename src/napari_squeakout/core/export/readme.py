"""The page that goes with a model into other programs: what it takes, gives and is not for."""

from __future__ import annotations

from collections.abc import Iterator

from napari_squeakout.core.model.model import Model


def readme_of(model: Model) -> str:
    """Markdown, from the model's card.

    Parameters
    ----------
    model : Model
        Whose card is told.
    """
    return "\n".join(_lines(model)) + "\n"


def _lines(model: Model) -> Iterator[str]:
    card, rendering = model.card, model.card.rendering
    yield from (f"# {card.title or model.name}", "")
    if card.description:
        yield from (card.description, "")
    if card.data:
        yield from (f"Learned from: {card.data}.", "")
    length_ms = 1000 * rendering.page_length_s
    low, high = rendering.low_hz / 1000, rendering.high_hz / 1000
    yield from (
        "## Input and output",
        "",
        "Input: grey of a spectrogram, 0 to 1, one channel; rows are frequency, the highest first,",
        "columns time; sides are multiples of 32. It has learned from pages of 512 x 512 pixels",
        f"that span {length_ms:.1f} ms and {low:g} to {high:g} kHz; `squeakout segment` makes",
        "such pages of recordings.",
        "",
        "Output: the probability that a pixel belongs to a call. The network itself gives logits.",
        "",
        "## Validation",
        "",
        "Compare its masks with masks that a person has drawn, on recordings it has not learned",
        "from: `squeakout evaluate --truth DIR --images DIR --model NAME`.",
        "",
    )
    if card.metrics:
        yield from ("| figure | value |", "|---|---|")
        yield from (f"| {name} | {value:g} |" for name, value in card.metrics.items())
        yield ""
    if card.limits:
        yield from ("## Known failures", "")
        yield from (f"- {limit}" for limit in card.limits)
        yield ""
    yield from (
        "## Origin",
        "",
        f"- Fingerprint: `{model.fingerprint}`",
        *([f"- Trained from: `{card.parent}`"] if card.parent else []),
        *([f"- Made or imported: {card.date}"] if card.date else []),
        f"- Licence: {card.licence or 'not stated'}",
        *([f"- Reference: {card.reference}"] if card.reference else []),
        "- All that is known of it: `card.json`",
    )
