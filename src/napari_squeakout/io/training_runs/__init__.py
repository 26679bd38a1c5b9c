"""Fine-tunings in processes of their own, and the folders they tell of themselves in."""
