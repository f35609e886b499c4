"""What a plan is asked: stock, need, reserve, ways and vehicles of a district. See docs.md."""
