"""A person's work on a source, kept on disk."""
