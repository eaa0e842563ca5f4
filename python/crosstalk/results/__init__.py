"""The results of a study in Python: `crosstalk.load`, `crosstalk.run` and what they return (docs/python.md)."""
