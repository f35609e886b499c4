"""The planner's hand: pins, edited lines, what-if, plans side by side. See docs.md."""
