"""Review: people check what was extracted, and the store that keeps what they did."""
