"""Who leaves, and why: the register's record, published studies, value of staying, hazard."""
