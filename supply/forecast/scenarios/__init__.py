"""Scenarios beyond the projection, named as such, and the epidemic level of each ward."""
