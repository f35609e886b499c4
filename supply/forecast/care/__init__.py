"""Care: who lies where, what beds, staff and laboratories allow, and how much oxygen it takes."""
