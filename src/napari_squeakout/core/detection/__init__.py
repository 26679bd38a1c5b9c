"""From a recording to calls, in reading order: resample, pages, network, cleaning."""
