"""Paths in, nouns out, and back; this room never imports Qt or napari."""
