"""Decision trees read from files that other programs may have edited."""
