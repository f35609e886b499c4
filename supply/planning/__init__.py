"""Planning: what is on order, what to buy, what to keep in reserve, what waste to expect."""
