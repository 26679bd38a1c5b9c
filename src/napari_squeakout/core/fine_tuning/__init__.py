"""A lab's approved pages in, a new model and a verdict out."""
