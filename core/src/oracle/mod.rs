//! Closed forms of queueing theory: used by tests, and drawn beside measured curves.
