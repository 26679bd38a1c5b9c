"""The page as a person sees it: how it lies in the canvas, and what stands around and on it."""
