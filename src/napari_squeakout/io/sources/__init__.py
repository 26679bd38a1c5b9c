"""Recordings and images in: what a file is, and the pages it gives."""
