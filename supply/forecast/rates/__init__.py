"""Burn rates learned from the ledger: how each facility's use differs from the norms."""
