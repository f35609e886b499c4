"""Seeing the forecast: what-if, past forecasts against what came, small multiples, workbooks."""
