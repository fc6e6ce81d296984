"""Losses of customers' crypto: which count, how often they come, how large, what a year costs."""
