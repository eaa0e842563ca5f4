"""Charts: from the tables behind a figure to pictures. One module a figure; registry.py lists them."""
