"""What is done to the calls that are chosen in their table: each use one step of undo."""
