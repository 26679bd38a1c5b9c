"""How right masks and calls are, against what a person marked."""
