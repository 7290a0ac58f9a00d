"""What programs call: the services of the article, and the rows of the library."""
