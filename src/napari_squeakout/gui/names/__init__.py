"""What is read of recordings and controls: names or codes on the screen, and words read out."""
