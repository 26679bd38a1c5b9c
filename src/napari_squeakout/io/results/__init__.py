"""Results out: calls, masks, pictures, and the record of how they were made."""
