"""Medical-supply logistics for the "4 on-site" principle (bốn tại chỗ)."""
