"""Data to begin with: reference tables, the demo districts, synthetic districts of any size."""
