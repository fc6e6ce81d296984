"""Sweeps: points in chunks, in many processes or on many machines, stored so that none is lost."""
