"""What else a pool tells without another call, one analysis a file."""
