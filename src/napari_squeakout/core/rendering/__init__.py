"""A recording -> pages: resampled, as a spectrogram, levelled by the noise."""
