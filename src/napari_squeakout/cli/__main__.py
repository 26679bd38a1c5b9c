"""`python -m napari_squeakout.cli` is `squeakout`."""

from napari_squeakout.cli import main

main()
