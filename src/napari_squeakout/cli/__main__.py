"""`python -m napari_squeakout.cli` is `squeakout`."""

from . import main

main()
