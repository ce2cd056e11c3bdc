"""The steps that bring a database from one schema of the store to the next."""
