"""Models on disk: the registry, their files, the default, downloads."""
