"""The science: arrays and settings in, arrays and tables out; knows no window and no terminal."""
