//! Returns, row by row. See [`crate::cases`] for how to read the tables.
