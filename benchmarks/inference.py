"""Speed of the engine against the way upstream runs the same weights, in one run.

Upstream's way: float32, eager, batches of eight, contiguous memory. Ours: what `squeakout segment`
uses. Both take turns, so that a machine whose speed drifts slows both.

    python benchmarks/inference.py [--images 64] [--rounds 3]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.synthesis.pages import synthesise_pages
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.registry import load_model

THRESHOLD = 0.51
Masks = NDArray[np.bool_]


def upstream_way(pages: NDArray[np.float32]) -> Masks:
    """Masks as upstream's script makes them."""
    network = load_model(BUNDLED_MODEL).network()
    masks = []
    with torch.no_grad():
        for first in range(0, len(pages), 8):
            batch = torch.from_numpy(pages[first : first + 8])[:, None]
            masks.append((torch.sigmoid(network(batch))[:, 0] > THRESHOLD).numpy())
    return np.concatenate(masks)


def our_way(pages: NDArray[np.float32]) -> Masks:
    """Masks as the engine makes them."""
    return Engine(load_model(BUNDLED_MODEL))(pages) > THRESHOLD * 255


def timed(way: Callable[[NDArray[np.float32]], Masks], pages: NDArray[np.float32]) -> float:
    """Seconds that a way takes."""
    began = time.perf_counter()
    way(pages)
    return time.perf_counter() - began


def main() -> None:
    """Print seconds, ratio and agreement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    drawn = synthesise_pages(wanted.images, SynthesisSettings(seed=99))
    pages = np.stack([page for page, _ in drawn])
    engine = Engine(load_model(BUNDLED_MODEL))
    print(f"{wanted.images} images of 512 x 512; {engine.why}; {engine.dtype}")
    reference, found = upstream_way(pages), our_way(pages)
    rounds = [(timed(upstream_way, pages), timed(our_way, pages)) for _ in range(wanted.rounds)]
    for upstream_s, our_s in rounds:
        print(f"upstream {upstream_s:6.1f} s   ours {our_s:6.1f} s   {upstream_s / our_s:5.1f} x")
    ratio = float(np.median([upstream_s / our_s for upstream_s, our_s in rounds]))
    print(f"median ratio {ratio:.1f} x; {np.mean(reference == found):.4%} of pixels agree")


if __name__ == "__main__":
    main()
