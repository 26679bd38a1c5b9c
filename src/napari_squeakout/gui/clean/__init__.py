"""Part 3 of the dock: probabilities to calls."""
