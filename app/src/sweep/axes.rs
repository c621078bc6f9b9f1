//! Axes as they are edited: a list of values as text, and what is wrong with it.

use crate::form::names;
use playground_core::scenario::{Edit, Extra, Scenario, SweepAxis, default_axes};
use serde_json::Value;

/// One axis as text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) text: String,
    /// What this version does not know of the axis.
    extra: Extra,
}

/// The axes of a scenario, or those of a first look.
pub(super) fn of(scenario: &Scenario) -> Vec<Field> {
    let axes = if scenario.sweep.is_empty() { default_axes() } else { scenario.sweep.clone() };
    axes.into_iter().map(Field::new).collect()
}

/// Numbers of a scenario that are no axes yet, by path; what a sweep decides itself is left out.
pub(super) fn others(scenario: &Scenario, fields: &[Field]) -> Vec<String> {
    const OURS: [&str; 3] = ["run.", "sweep", "workload.arrival."];
    let mut paths = scenario.numbers();
    let is_free = |path: &String| {
        path.contains('.')
            && !OURS.iter().any(|start| path.starts_with(start))
            && fields.iter().all(|field| field.path != *path)
    };
    paths.retain(is_free);
    paths
}

/// Axes as a scenario holds them: those of a first look are what it sweeps when it names none.
pub(super) fn kept(axes: Vec<SweepAxis>) -> Vec<SweepAxis> {
    if axes == default_axes() { Vec::new() } else { axes }
}

fn written(values: &[Value]) -> String {
    let texts: Vec<String> = values.iter().map(super::words::value).collect();
    texts.join(", ")
}

impl Field {
    pub(super) fn new(axis: SweepAxis) -> Field {
        Field { name: names::of(&axis.path), text: written(&axis.values), path: axis.path, extra: axis.extra }
    }

    /// The axis, each value once.
    ///
    /// # Errors
    /// Why the text is no list of values for this field.
    pub(super) fn axis(&self, scenario: &Scenario) -> Result<SweepAxis, String> {
        let mut values: Vec<Value> = Vec::new();
        for part in self.text.split([',', ';', ' ']).map(str::trim).filter(|p| !p.is_empty()) {
            let value = read(part);
            if value.as_f64().is_some_and(|v| v <= 0.0) {
                return Err(format!("{part} is not above 0"));
            }
            if Edit::new("", &self.path, value.clone()).apply(scenario).is_err() {
                return Err(format!(
                    "“{part}” is not a value of this field; write numbers with commas between them, as in 1, 2, 4"
                ));
            }
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if values.is_empty() {
            return Err("give at least one value, as in 1, 2, 4".into());
        }
        Ok(SweepAxis { path: self.path.clone(), values, extra: self.extra.clone() })
    }
}

fn read(part: &str) -> Value {
    if let Ok(whole) = part.parse::<u64>() {
        return whole.into();
    }
    part.parse::<f64>().map_or_else(|_| part.into(), Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Result<Vec<Value>, String> {
        let mut field = of(&Scenario::default()).remove(1);
        field.text = text.into();
        field.axis(&Scenario::default()).map(|axis| axis.values)
    }

    #[test]
    fn the_axes_of_a_first_look_are_read_back() {
        let scenario = Scenario::default();
        let axes: Vec<SweepAxis> = of(&scenario).iter().map(|f| f.axis(&scenario).expect("sound")).collect();
        assert_eq!(axes, default_axes());
    }

    #[test]
    fn axes_of_a_first_look_take_no_room_in_a_link() {
        assert_eq!(kept(default_axes()), []);
        let other = vec![SweepAxis::numbers("topology.pools[0].replicas", &[1, 2])];
        let scenario = Scenario { sweep: kept(other.clone()), ..Scenario::default() };
        assert_eq!(of(&scenario)[0].axis(&scenario).as_ref(), Ok(&other[0]));
    }

    #[test]
    fn every_other_number_can_be_an_axis() {
        let scenario = Scenario::default();
        let fields = of(&scenario);
        let paths = others(&scenario, &fields);
        assert!(paths.iter().any(|p| p == "workload.classes[0].input.mean"), "{paths:?}");
        assert!(paths.iter().all(|p| fields.iter().all(|f| f.path != *p) && !p.starts_with("run.")), "{paths:?}");
        for path in paths {
            let field = Field::new(SweepAxis::around(&path, &scenario));
            // What may be nothing at all is read once there is something.
            assert!(field.axis(&scenario).is_ok() || field.text.starts_with('0'), "{field:?}");
        }
    }

    #[test]
    fn a_list_is_forgiving_about_blanks_and_repeats() {
        assert_eq!(values(" 1,2 ,, 4 4").expect("sound"), [1, 2, 4].map(Value::from));
    }

    #[test]
    fn what_is_no_value_is_named() {
        assert!(values("1, two").expect_err("refused").contains("two"));
        assert!(values("1, 2.5").expect_err("refused").contains("2.5"));
        assert!(values("0").expect_err("refused").contains("0 is not above 0"));
        assert!(values("-3").is_err());
        assert!(values(" , ").expect_err("refused").contains("at least one"));
    }
}
