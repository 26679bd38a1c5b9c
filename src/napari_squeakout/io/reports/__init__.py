"""What recordings come to, as one page of HTML that needs nothing beside it."""
