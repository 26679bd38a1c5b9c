"""A recording -> one small picture of all of it."""
