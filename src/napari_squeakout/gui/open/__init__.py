"""Part 1 of the dock: open recordings and images, go on with sessions."""
