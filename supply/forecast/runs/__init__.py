"""The runs themselves: which there are, and which are made every night."""
