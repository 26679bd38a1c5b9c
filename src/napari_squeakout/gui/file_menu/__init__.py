"""What napari's own File menu opens and saves."""
