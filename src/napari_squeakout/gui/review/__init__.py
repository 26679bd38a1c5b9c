"""Part 5 of the dock: page by page, proposals become truth."""
