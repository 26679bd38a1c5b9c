"""What a user can mend: each error is one sentence that names the thing and the remedy."""

from __future__ import annotations


class SqueakOutError(Exception):
    """A failure whose text is meant for the user, complete in one sentence."""


class InputError(SqueakOutError):
    """A recording or image that cannot be used as it is."""


class ModelError(SqueakOutError):
    """A model that cannot be found, fetched or loaded."""
