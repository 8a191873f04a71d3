//! Conversions between core types and their wire forms.
