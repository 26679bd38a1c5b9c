"""Pages to learn from: drawn, read from folders, or approved in sessions."""
