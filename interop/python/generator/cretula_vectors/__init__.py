"""Rebuilds the vector files of test-vectors from the inputs inside them. Not part of the wheel."""
