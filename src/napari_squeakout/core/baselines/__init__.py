"""What the paper sets beside SqueakOut: nothing, VocalMat's segmentation, a U-Net."""
