"""The forms' names as they stand before an officer has confirmed them."""
