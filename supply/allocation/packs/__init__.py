"""Whole packs, counted and exchanged in compiled loops; read ``docs.md`` beside this file."""
