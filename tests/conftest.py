"""What tests in several rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from real_data import NotHereError, real_data

ROOT = Path(__file__).parents[1]
# Trying another engine on each model that a test makes would take long; who tests that says so.
os.environ["NAPARI_SQUEAKOUT_COMPUTE_WITH"] = "torch"


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's own folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real recordings and images; they are not part of the project."""
    try:
        return real_data(ROOT.parent / "shared")
    except NotHereError as error:
        pytest.skip(str(error))
