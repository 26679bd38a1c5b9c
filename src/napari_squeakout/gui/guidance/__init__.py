"""What helps who does not know the window by heart: hints for the first steps, the card of keys."""
