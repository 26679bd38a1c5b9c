"""Classes that a person gives to calls: they win over the rules, and follow their calls."""
