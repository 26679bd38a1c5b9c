"""The paper's way to masks, and its table: from folders of images to a data set, and to figures."""
