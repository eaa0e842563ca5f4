"""Crosstalk measures interference and generalisation in supervised and in reinforcement learning."""
