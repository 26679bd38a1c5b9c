"""Results and sessions out, in the forms that other programs read."""
