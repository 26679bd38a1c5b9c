"""A model, or masks, in the forms that other programs read."""
