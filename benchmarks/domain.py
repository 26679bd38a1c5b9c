"""What kind of pages the bundled model learned from: written into its card, weights untouched.

    python benchmarks/domain.py --data DIR [--pages N] [--write]

Draws pages as they were drawn for training, other ones: on the call-free parts of the recordings
`DIR/amvoc/N/rec_N.wav` as well. Prints their fingerprint and, where DIR has real recordings and
windows, what would be said of these.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from napari_squeakout import SynthesisSettings, load_model, read_images
from napari_squeakout.core.model.domain import Domain, domain_note, domain_of
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ
from napari_squeakout.core.synthesis.pages import HELD_OUT_SEED, synthesise_pages
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.registry import list_models
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.io.sources.stack_domain import domain_of_stack
from napari_squeakout.io.training_pages.pages import read_background


def learned_from(data: Path, n_pages: int) -> Domain:
    """The fingerprint of synthetic pages, two in five on real background."""
    files = sorted(data.glob("amvoc/*/rec_*.wav"))
    tables = [file.parent / f"{file.stem.replace('rec', 'gt')}.csv" for file in files]
    real = [read_background(*pair) for pair in zip(files, tables, strict=True)]
    drawn = synthesise_pages(n_pages, SynthesisSettings(seed=HELD_OUT_SEED), backgrounds=real)
    domain = domain_of((page for page, _ in drawn), [SAMPLE_RATE_HZ])
    assert domain is not None
    return domain


def main() -> None:
    """Print the fingerprint, and write it where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--write", action="store_true")
    wanted = parser.parse_args()
    domain = learned_from(wanted.data, wanted.pages)
    print(domain.model_dump_json(indent=2))
    stacks = [open_recording(file) for file in sorted(wanted.data.glob("*/**/*.wav"))]
    windows = wanted.data / "vocalmat" / "All"
    for stack in [*stacks, *([read_images(windows)] if windows.is_dir() else [])]:
        said = domain_note(BUNDLED_MODEL, domain, domain_of_stack(stack, "noise"))
        print(f"{stack.layout.source}: {said or 'nothing is said'}")
    if wanted.write:
        entry = next(entry for entry in list_models() if entry.name == BUNDLED_MODEL)
        card = load_model(BUNDLED_MODEL).card.model_copy(update={"domain": domain})
        entry.path.with_suffix(".json").write_text(card.model_dump_json(indent=2) + "\n")


if __name__ == "__main__":
    main()
