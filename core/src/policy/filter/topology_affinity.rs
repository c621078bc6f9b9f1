//! Only near where the request decodes.

use super::{Filter, keep_or_all};
use crate::base::Stream;
use crate::policy::produce::{Level, TOPOLOGY_SOURCE};
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) const KIND: Kind<dyn Filter> = Kind {
    meta: Meta {
        id: "topology-affinity-filter",
        title: "Only near its decoder",
        doc: "Keeps instances that share at least minAffinity with the one that decodes; all of them when nobody does. It \
              needs the topology-extractor.",
        source: "llm-d-router, topology-affinity-filter",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "minAffinity",
                kind: ParamKind::Word { words: Level::WORDS, default: "host" },
                doc: "The loosest level that will do.",
            },
            TOPOLOGY_SOURCE,
        ],
    },
    build: |p| {
        let least = Level::of(&p.text("minAffinity")).expect("a checked word");
        Box::new(TopologyAffinity { least, source: p.topology(TOPOLOGY_SOURCE.id) })
    },
};

struct TopologyAffinity {
    least: Level,
    source: usize,
}

impl Filter for TopologyAffinity {
    fn filter(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, candidates: &mut Vec<Candidate>, _: &mut Stream) {
        keep_or_all(candidates, |i| fleet.shared_with_peer(self.source, i).is_some_and(|level| level <= self.least));
    }
}
