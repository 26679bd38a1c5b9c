"""Part 6 of the dock: teach a model the approved pages."""
