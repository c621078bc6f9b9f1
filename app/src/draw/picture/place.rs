//! From data to pixels: the plot's rectangle and the scales of its axes.

use super::{list, number, text};
use playground_core::base::math;
use serde_json::Value;

/// Where things are, px.
pub(super) struct Place {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    x: Axis,
    y: Axis,
}

struct Axis {
    low: f64,
    high: f64,
    log: bool,
}

impl Axis {
    fn new(axis: &Value) -> Option<Axis> {
        let ends: Vec<f64> = list(axis, "/range").iter().filter_map(Value::as_f64).collect();
        let [low, high] = ends[..] else { return None };
        let log = text(axis, "/type") == Some("log");
        (low < high).then_some(Axis { low, high, log })
    }

    /// Where a value is, as a share of the axis.
    fn frac(&self, value: f64) -> f64 {
        let at = if self.log { math::ln(value) / math::ln(10.0) } else { value };
        (at - self.low) / (self.high - self.low)
    }
}

impl Place {
    /// The rectangle inside the margins, which are never stretched.
    pub(super) fn new(layout: &Value, width: f64, height: f64) -> Option<Place> {
        let margin = |side: &str| number(layout, &format!("/margin/{side}"));
        let place = Place {
            left: margin("l")?,
            top: margin("t")?,
            right: width - margin("r")?,
            bottom: height - margin("b")?,
            x: Axis::new(layout.get("xaxis")?)?,
            y: Axis::new(layout.get("yaxis")?)?,
        };
        (place.left < place.right && place.top < place.bottom).then_some(place)
    }

    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// Of a value on the axis.
    pub(super) fn x(&self, value: f64) -> f64 {
        self.left + self.x.frac(value) * self.width()
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.bottom - self.y.frac(value) * self.height()
    }

    /// Of a coordinate that refers to `reference`: the axis, or `paper`, the share of the plot.
    pub(super) fn x_by(&self, reference: &str, value: f64) -> f64 {
        if reference == "paper" { self.left + value * self.width() } else { self.x(value) }
    }

    pub(super) fn y_by(&self, reference: &str, value: f64) -> f64 {
        if reference == "paper" { self.bottom - value * self.height() } else { self.y(value) }
    }

    /// The same for words, which a logarithmic axis places by the logarithm.
    pub(super) fn words_y_by(&self, reference: &str, value: f64) -> f64 {
        if reference == "paper" || !self.y.log {
            return self.y_by(reference, value);
        }
        self.bottom - (value - self.y.low) / (self.y.high - self.y.low) * self.height()
    }
}
