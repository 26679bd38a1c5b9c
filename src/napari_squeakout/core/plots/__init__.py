"""The table of calls -> what a plot shows, with the calls behind each of its marks."""
