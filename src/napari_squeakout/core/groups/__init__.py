"""Recordings in rows -> a row an animal, and what tells groups of animals apart."""
