"""Why the plan says what it says, and what a little more of something would be worth. See docs.md."""
