"""What is done to the data: uploads, loads, mending, the dictionary, sources. Pages, API and jobs call the same functions."""
