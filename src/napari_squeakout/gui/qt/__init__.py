"""What the window is made of, whatever it shows: jobs, messages, keys, sections."""
