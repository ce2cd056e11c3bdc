"""Review: people check and correct what was extracted; a store keeps what they did, and a trail of it."""
