"""What runs a model here: torch, or OpenVINO where it has been tried and is faster."""
