"""What scripts call: each verb does a whole piece of work and gives what came of it.

All take `progress`, a function that is told of every step (`Progress`). The same work as
generators, which can be stopped between two steps, is in `core.detection` and `io.tasks`.
"""
