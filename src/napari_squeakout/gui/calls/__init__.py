"""The table of calls under the picture: measured, sorted, filtered, chosen, deleted."""
