"""Ultrasound -> sound that people hear."""
