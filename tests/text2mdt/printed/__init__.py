"""Documents that the tests print as PDF, in many layouts, with the blocks that should be read in them."""
