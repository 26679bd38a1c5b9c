"""Part 4 of the dock: correct by hand."""
