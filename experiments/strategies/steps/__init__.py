"""What all searches over steps share: the tree of partial answers, how it grows, is scored, and what it costs."""
