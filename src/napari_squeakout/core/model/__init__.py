"""What a model is: the network, its weights and its card."""
