"""Interference on a torch module of the user's own: traces by what its layers saw, contractions in C++."""
