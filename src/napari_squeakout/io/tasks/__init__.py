"""Whole pieces of work, from what is asked to what is kept: commands and scripts only show them."""
