"""What the window is made of, whatever it shows: forms, jobs, messages."""
