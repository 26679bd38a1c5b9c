"""Listening to calls and pages."""
