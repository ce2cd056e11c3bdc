"""Views of the page that run in the browser: a forest as a tree, a text with marks, a page of a PDF with boxes."""
