"""Calls -> numbers: what is measured of each, and what recordings come to."""
