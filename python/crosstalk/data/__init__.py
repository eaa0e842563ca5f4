"""Data sets: found, fetched, checked, and converted once into the one format that the engine maps
(safetensors).

`python -m crosstalk.data prepare|list|fetch|verify` reads one JSON request on standard input and writes
one JSON reply on standard output; progress goes to standard error. sets/ has one file a known data set,
own/ one a format of the user's own.
"""
