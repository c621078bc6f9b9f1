//! Where an instance is, by its labels: host, rack, zone and region.

use crate::policy::{Badge, Endpoint, Meta, Param, ParamKind, Params};
use alloc::string::String;

/// The plugin.
pub static META: Meta = Meta {
    id: "topology-extractor",
    title: "Where instances are",
    doc: "Reads host, rack, zone and region of each instance from its labels. All replicas of a pool have its labels, and \
          names that Kubernetes gives a pod's host are not simulated: pools tell places apart.",
    source: "llm-d-router, topology-extractor",
    badge: Badge::Approximated,
    params: &[
        Param {
            id: "hostname",
            kind: ParamKind::Text { default: "kubernetes.io/hostname" },
            doc: "Label of the host.",
        },
        Param {
            id: "rack",
            kind: ParamKind::Text { default: "topology.kubernetes.io/rack" },
            doc: "Label of the rack.",
        },
        Param {
            id: "zone",
            kind: ParamKind::Text { default: "topology.kubernetes.io/zone" },
            doc: "Label of the zone.",
        },
        Param {
            id: "region",
            kind: ParamKind::Text { default: "topology.kubernetes.io/region" },
            doc: "Label of the region.",
        },
    ],
};

/// What two places have in common, the tightest of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The same host, and so the same of everything else.
    Host,
    /// The same rack.
    Rack,
    /// The same zone.
    Zone,
    /// The same region.
    Region,
}

impl Level {
    /// Words for them, the tightest first.
    pub const WORDS: &'static [&'static str] = &["host", "rack", "zone", "region"];
    const ALL: [Level; 4] = [Level::Host, Level::Rack, Level::Zone, Level::Region];

    /// The level of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Level> {
        Level::WORDS.iter().position(|w| *w == word).map(|place| Level::ALL[place])
    }
}

/// The labels that say where an instance is, the tightest first.
#[derive(Clone, Debug)]
pub struct Topology {
    labels: [String; 4],
}

impl Topology {
    /// By these parameters.
    #[must_use]
    pub fn new(p: &Params<'_>) -> Self {
        Topology { labels: ["hostname", "rack", "zone", "region"].map(|id| p.text(id)) }
    }

    /// The tightest level that two instances share. What a label does not say, or says with nothing, is shared with nobody.
    #[must_use]
    pub fn shared(&self, a: &Endpoint, b: &Endpoint) -> Option<Level> {
        let value = |endpoint, label: &String| Endpoint::label(endpoint, label).filter(|v| !v.is_empty());
        let same = |label: &String| value(a, label).is_some_and(|v| value(b, label) == Some(v));
        self.labels.iter().position(same).map(|place| Level::ALL[place])
    }
}
