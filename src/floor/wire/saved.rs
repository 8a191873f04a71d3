//! The stored form of a session.
