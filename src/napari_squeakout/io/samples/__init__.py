"""Recordings to try things on, synthetic and real."""
