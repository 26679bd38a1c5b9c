"""One loop that teaches a network, from scratch or further."""
