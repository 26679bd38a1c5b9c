"""Tables of calls in and out, whatever program wrote them."""
