"""Nouns to napari's layers and back."""
