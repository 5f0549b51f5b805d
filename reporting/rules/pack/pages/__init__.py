"""One module per kind of page: content in, laid-out sheets out."""
