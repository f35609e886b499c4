"""Cases in: pasted, uploaded or sent; checked as a whole, shown, then kept with their history."""
