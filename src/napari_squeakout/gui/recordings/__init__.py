"""Many recordings: which there are, how far each is, and all of them segmented in a row."""
