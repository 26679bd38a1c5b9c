"""One file a panel, in the order of the work."""
