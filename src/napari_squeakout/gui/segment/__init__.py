"""Part 2 of the dock: ask the network."""
