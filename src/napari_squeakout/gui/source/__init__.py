"""What the window knows of a source: proposals, review, session."""
