//! Instances by their labels: a Kubernetes label selector.

use super::Filter;
use crate::base::Stream;
use crate::policy::{Ask, Badge, Candidate, Endpoint, FleetView, Kind, Meta, Param, ParamKind, Params};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) const KIND: Kind<dyn Filter> = Kind {
    meta: Meta {
        id: "label-selector-filter",
        title: "By labels",
        doc: "Keeps instances that match a Kubernetes label selector: every label and every expression.",
        source: "llm-d-router, label-selector-filter",
        badge: Badge::Exact,
        params: &[
            Param { id: "matchLabels", kind: ParamKind::Labels, doc: "Labels that must have these values." },
            Param {
                id: "matchExpressions",
                kind: ParamKind::Table { columns: EXPRESSION },
                doc: "Further conditions, all of which must hold.",
            },
        ],
    },
    build: |p| Box::new(LabelSelector::new(p)),
};

const EXPRESSION: &[Param] = &[
    Param { id: "key", kind: ParamKind::Text { default: "" }, doc: "The label." },
    Param {
        id: "operator",
        kind: ParamKind::Word { words: &["In", "NotIn", "Exists", "DoesNotExist"], default: "Exists" },
        doc: "How it is compared.",
    },
    Param { id: "values", kind: ParamKind::Texts, doc: "Values of In and NotIn." },
];

struct LabelSelector {
    labels: Vec<(String, String)>,
    /// (label, operator, values)
    expressions: Vec<(String, String, Vec<String>)>,
}

impl LabelSelector {
    fn new(p: &Params<'_>) -> Self {
        LabelSelector {
            labels: p.labels("matchLabels"),
            expressions: p.rows("matchExpressions", |row| (row.text("key"), row.text("operator"), row.texts("values"))),
        }
    }

    fn matches(&self, endpoint: &Endpoint) -> bool {
        let labelled = |(key, value): &(String, String)| endpoint.label(key) == Some(value.as_str());
        self.labels.iter().all(labelled)
            && self.expressions.iter().all(|(key, operator, values)| {
                let value = endpoint.label(key);
                let among = value.is_some_and(|v| values.iter().any(|w| w == v));
                match operator.as_str() {
                    "In" => among,
                    // As in Kubernetes, a label that is absent is not in any list.
                    "NotIn" => !among,
                    "Exists" => value.is_some(),
                    _ => value.is_none(),
                }
            })
    }
}

impl Filter for LabelSelector {
    fn filter(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, candidates: &mut Vec<Candidate>, _: &mut Stream) {
        let nothing_known = Endpoint::default();
        candidates.retain(|c| self.matches(fleet.endpoints.get(c.at()).unwrap_or(&nothing_known)));
    }
}
