"""Earlier annotation over the pages, and what was found beside it, call by call."""
