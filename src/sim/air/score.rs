//! How well tags were told apart: the truth against what was said.
