//! A fleet of some instances, column by column, for scorers, filters, detectors and admitters.

use crate::candidates;
use playground_core::base::{Dur, Id, Purpose, Stream, Time};
use playground_core::policy::produce::{Prediction, PrefixInfo, TOPOLOGY, Topology};
use playground_core::policy::{Ask, Candidate, Endpoint, FleetView, Params, ROLE_LABEL, Wants};
use playground_core::policy::{filter, score};
use playground_tests::Dice;
use serde_json::{Map, Value};

/// Columns of a view.
#[derive(Clone, Default)]
pub(crate) struct Fleet {
    pub(crate) in_flight: Vec<u32>,
    pub(crate) tokens: Vec<u64>,
    pub(crate) waiting: Vec<u32>,
    pub(crate) running: Vec<u32>,
    pub(crate) kv_usage: Vec<f64>,
    pub(crate) matched: Vec<u32>,
    pub(crate) blocks: u32,
    pub(crate) uncached: Vec<u32>,
    /// TTFT, TPOT and what the latter is compared with, ms.
    pub(crate) predictions: Vec<Option<(f64, f64, Option<f64>)>>,
    pub(crate) endpoints: Vec<Endpoint>,
    /// Age of the scraped columns, ms.
    pub(crate) age_ms: u32,
    /// Where the request decodes.
    pub(crate) peer: Option<u32>,
}

/// An instance with these labels.
pub(crate) fn labelled(labels: &[(&str, &str)]) -> Endpoint {
    Endpoint::new(labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
}

/// Instances of which the first shares its host, its rack, its zone, its region, and nothing with the others in turn.
pub(crate) fn near() -> Vec<Endpoint> {
    let at = |host, rack, zone, region| {
        labelled(&[
            ("kubernetes.io/hostname", host),
            ("topology.kubernetes.io/rack", rack),
            ("topology.kubernetes.io/zone", zone),
            ("topology.kubernetes.io/region", region),
        ])
    };
    let first = at("h0", "r0", "z0", "g0");
    vec![
        first.clone(),
        first,
        at("h1", "r0", "z0", "g0"),
        at("", "", "z0", "g0"),
        at("h2", "r1", "z1", "g0"),
        at("", "", "", ""),
    ]
}

/// Places by the labels that llm-d reads where none are given.
fn topology() -> Topology {
    Topology::new(&Params::new(&TOPOLOGY, &Map::new(), &Wants::default()))
}

pub(crate) fn ms(ms: f64) -> Dur {
    Dur::from_secs_f64(ms * 1e-3)
}

impl Fleet {
    /// So many idle instances.
    pub(crate) fn idle(n: usize) -> Self {
        Fleet {
            in_flight: vec![0; n],
            tokens: vec![0; n],
            waiting: vec![0; n],
            running: vec![0; n],
            kv_usage: vec![0.0; n],
            matched: vec![0; n],
            uncached: vec![0; n],
            predictions: vec![None; n],
            endpoints: vec![Endpoint::default(); n],
            ..Fleet::default()
        }
    }

    pub(crate) fn random(dice: &mut Dice, n: u32) -> Self {
        let blocks = dice.pick(&[0, 1, 7, 100]);
        let mut column = |most: u32| (0..n).map(|_| dice.below(most + 1)).collect::<Vec<u32>>();
        let (in_flight, waiting, running, matched) = (column(3), column(200), column(5), column(blocks));
        let kv_usage = column(4).into_iter().map(|q| f64::from(q) / 4.0).collect();
        let tokens = column(100_000_000).into_iter().map(|t| u64::from(t) * 100).collect();
        let uncached = column(1_000_000);
        let known = dice.chance(0.7);
        let (fast, streams) = (dice.pick(&[1.0, 100.0, 1e6]), dice.chance(0.5));
        let mut prediction = || {
            let some = known && dice.chance(0.8);
            let (ttft, tpot) = (f64::from(dice.below(4)) * fast, f64::from(dice.below(4)) * fast / 10.0);
            some.then(|| (ttft, tpot, streams.then_some(fast / 8.0)))
        };
        let predictions = (0..n).map(|_| prediction()).collect();
        let mut endpoint = || {
            let role = dice.pick(&["prefill", "decode", "both", "encode", "nonsense"]);
            let range = dice.pick(&["0-100", "100-100", "500-2000", "7", "9-2", "a-b", "-"]);
            let rack = dice.pick(&["", "a", "b"]);
            let all = [
                (ROLE_LABEL, role),
                ("llm-d.ai/context-length-range", range),
                ("topology.kubernetes.io/rack", rack),
                ("topology.kubernetes.io/zone", "z"),
            ];
            labelled(&all[..dice.below(5) as usize])
        };
        let endpoints = (0..n).map(|_| endpoint()).collect();
        let age_ms = dice.pick(&[0, 49]);
        let peer = (n > 0 && dice.chance(0.7)).then(|| dice.below(n));
        Fleet {
            peer,
            in_flight,
            tokens,
            waiting,
            running,
            kv_usage,
            matched,
            blocks,
            uncached,
            predictions,
            endpoints,
            age_ms,
        }
    }

    /// What `look` makes of it.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&FleetView<'_>) -> T) -> T {
        let info = PrefixInfo { matched: self.matched.clone(), blocks: self.blocks, block_tokens: 64 };
        let prediction = |&(ttft_ms, tpot_ms, tpot_limit_ms)| Prediction { ttft_ms, tpot_ms, tpot_limit_ms };
        let predictions: Vec<Option<Prediction>> =
            self.predictions.iter().map(|p| p.as_ref().map(prediction)).collect();
        look(&FleetView {
            now: Time::ZERO + ms(f64::from(self.age_ms)),
            endpoints: &self.endpoints,
            in_flight: &self.in_flight,
            in_flight_tokens: &self.tokens,
            waiting: &self.waiting,
            running: &self.running,
            kv_usage: &self.kv_usage,
            prefixes: &[info],
            uncached: &self.uncached,
            predictions: &predictions,
            topologies: &[Some(topology())],
            peer: self.peer.map(Id::new),
            ..FleetView::EMPTY
        })
    }

    /// The same with every column turned round.
    pub(crate) fn reversed(&self) -> Self {
        let mut all = self.clone();
        all.in_flight.reverse();
        all.tokens.reverse();
        all.waiting.reverse();
        all.running.reverse();
        all.kv_usage.reverse();
        all.matched.reverse();
        all.uncached.reverse();
        all.predictions.reverse();
        all.endpoints.reverse();
        all.peer = all.peer.map(|peer| all.endpoints.len() as u32 - 1 - peer);
        all
    }

    /// Everyone, without a score.
    pub(crate) fn all(&self) -> Vec<Candidate> {
        let n = u32::try_from(self.waiting.len()).expect("few");
        candidates(&(0..n).map(|i| (i, 0.0)).collect::<Vec<_>>())
    }

    /// Scores of all instances, in their order, from a fresh scorer.
    pub(crate) fn score(&self, id: &str, parameters: &Map<String, Value>, weight: f64, ask: &Ask<'_>) -> Vec<f64> {
        let mut all = self.all();
        self.add(id, parameters, weight, ask, &mut all);
        all.iter().map(|c| c.score).collect()
    }

    pub(crate) fn add(
        &self,
        id: &str,
        parameters: &Map<String, Value>,
        weight: f64,
        ask: &Ask<'_>,
        to: &mut [Candidate],
    ) {
        let kind = score::find(id).expect("registered");
        let mut scorer = (kind.build)(&Params::new(&kind.meta, parameters, &Wants::default()));
        self.with(|view| scorer.score(ask, view, weight, to));
    }

    /// Who is left by a fresh filter.
    pub(crate) fn filter(&self, id: &str, parameters: &Map<String, Value>, ask: &Ask<'_>) -> Vec<u32> {
        let meta = playground_core::policy::all().find(|meta| meta.id == id).expect("registered");
        let mut filter = filter::build(id, &Params::new(meta, parameters, &Wants::default())).expect("it is a filter");
        let mut all = self.all();
        let mut draws = Stream::new(7, 0, Purpose::Filter, 0);
        self.with(|view| filter.filter(ask, view, &mut all, &mut draws));
        all.iter().map(|c| c.instance.index()).collect()
    }
}

/// A request of 6400 tokens with targets of 100 ms and 10 ms.
pub(crate) fn ask() -> Ask<'static> {
    Ask { prompt_tokens: 6400, slo_ttft: Some(ms(100.0)), slo_tpot: Some(ms(10.0)), ..Ask::default() }
}
