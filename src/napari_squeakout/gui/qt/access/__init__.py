"""For all eyes, ears and hands: colours, words that are read out, and where the keyboard is."""
