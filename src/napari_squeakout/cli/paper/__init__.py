"""The commands that make the paper's masks and its table again."""
