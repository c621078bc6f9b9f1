//! Near where the request decodes.

use super::{Scorer, add};
use crate::policy::produce::{Level, TOPOLOGY_SOURCE};
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: "topology-affinity-scorer",
        title: "Near its decoder",
        doc: "By what an instance shares with the one that decodes: the host 1, the rack 0.2, the zone 0.05, the region 0.02, \
              nothing 0. It needs the topology-extractor. How long keys and values take does not depend on it here.",
        source: "llm-d-router, topology-affinity-scorer",
        badge: Badge::Exact,
        params: &[TOPOLOGY_SOURCE],
    },
    build: |p| Box::new(TopologyAffinity { source: p.topology(TOPOLOGY_SOURCE.id) }),
};

struct TopologyAffinity {
    source: usize,
}

impl Scorer for TopologyAffinity {
    fn score(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        add(weight, candidates, |i| match fleet.shared_with_peer(self.source, i) {
            Some(Level::Host) => 1.0,
            Some(Level::Rack) => 0.2,
            Some(Level::Zone) => 0.05,
            Some(Level::Region) => 0.02,
            None => 0.0,
        });
    }
}
