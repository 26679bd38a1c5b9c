"""What tests in several rooms share."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_data import NotHereError, real_data

ROOT = Path(__file__).parents[1]


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
