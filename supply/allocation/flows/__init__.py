"""One item's least cost at given prices, as a flow: solved anew from where the last answer stood."""
