"""Looking at a plan: flows, coverage, timeline, workbook, and what another policy would have done. See docs.md."""
