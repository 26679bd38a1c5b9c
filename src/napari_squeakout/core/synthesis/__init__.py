"""Synthetic calls and noise, with exact masks."""
