"""Sets of trajectories on disk: a folder with trajectories.json and segments of whole episodes (docs/trajectories.md).

The engine collects them and learns from them. This package reads and writes the same folders in Python, and exchanges
them with Minari, which is imported when it is asked for."""
