//! How much traffic a fleet is given: what the load curve varies.

use core::cmp::Ordering;
use serde::{Deserialize, Serialize};

/// A load.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Load {
    /// Open loop: so many requests per second arrive, whatever becomes of those before.
    #[serde(rename = "rate_rps")]
    Rate(f64),
    /// Closed loop: so many clients, each sending its next request when its last one has ended.
    #[serde(rename = "max_concurrency")]
    Concurrency(u32),
}

impl Load {
    /// Where it lies on its axis: requests per second, or clients.
    #[must_use]
    pub fn amount(self) -> f64 {
        match self {
            Load::Rate(rps) => rps,
            Load::Concurrency(clients) => f64::from(clients),
        }
    }

    /// What it is counted in.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Load::Rate(_) => "req/s",
            Load::Concurrency(1) => "client",
            Load::Concurrency(_) => "clients",
        }
    }

    /// A load of the same kind; clients are whole, and there is at least one.
    #[must_use]
    pub fn of(self, amount: f64) -> Load {
        match self {
            Load::Rate(_) => Load::Rate(amount),
            Load::Concurrency(_) => Load::Concurrency(crate::base::math::round(amount).clamp(1.0, 4e9) as u32),
        }
    }

    /// Requests per second, where that is what was asked for.
    #[must_use]
    pub fn rate_rps(self) -> Option<f64> {
        match self {
            Load::Rate(rps) => Some(rps),
            Load::Concurrency(_) => None,
        }
    }

    /// Whether the loop is closed.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Load::Concurrency(_))
    }

    /// Order on the axis, between loads of one kind.
    #[must_use]
    pub fn total_cmp(&self, other: &Load) -> Ordering {
        self.amount().total_cmp(&other.amount())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_of_the_same_kind_is_whole_where_it_has_to_be() {
        assert_eq!(Load::Rate(3.0).of(0.25), Load::Rate(0.25));
        assert_eq!(Load::Concurrency(8).of(2.6), Load::Concurrency(3));
        assert_eq!(Load::Concurrency(8).of(0.0), Load::Concurrency(1));
    }

    #[test]
    fn it_is_written_as_the_setting_it_stands_for() {
        let text = |load: Load| serde_json::to_string(&load).expect("plain data");
        assert_eq!(text(Load::Rate(40.0)), r#"{"rate_rps":40.0}"#);
        assert_eq!(text(Load::Concurrency(64)), r#"{"max_concurrency":64}"#);
    }
}
