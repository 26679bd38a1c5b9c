"""From pages to calls, in reading order: the network, cleaning, numbering, the table."""
