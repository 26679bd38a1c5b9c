"""The whole recording as a strip under the picture: where its calls are, and where the page is."""
