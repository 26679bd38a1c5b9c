"""Any number of inputs, segmented alike: shared out, one by one or beside each other."""
