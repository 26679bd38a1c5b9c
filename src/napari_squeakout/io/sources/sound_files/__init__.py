"""What a sound file holds, whatever its header says: lengths, broken ends, metadata."""
