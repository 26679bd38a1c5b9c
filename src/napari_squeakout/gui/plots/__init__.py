"""Plots of the calls under the picture: each mark knows its calls, and chooses them."""
