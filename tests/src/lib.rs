//! Laws, oracles, relations.
