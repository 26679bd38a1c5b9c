"""What a person does to pages: looks, corrects, approves."""
