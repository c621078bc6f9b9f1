//! The plugins that a scenario's policies choose, found in the registries, and the router made of them.

use super::disagg::ChosenDisagg;
use super::policies::{Plugin, Policies, Profile};
use super::{BandSettings, ClassPlan, EngineConfig, PoolPlan, quantity};
use crate::base::Order;
use crate::base::{Dur, Purpose, Stream};
use crate::policy::admit::{self, Admitter};
use crate::policy::detect::{self, Detector};
use crate::policy::disagg::{self, Disaggregation};
use crate::policy::filter::{self, Filter};
use crate::policy::flow;
use crate::policy::pick::{self, Picker};
use crate::policy::produce::{self, ApproxPrefix, InFlight, PrecisePrefix, PredictedLatency, PrefixProducer, Topology};
use crate::policy::score::{self, Scorer};
use crate::policy::{Kind, Meta, Params, Producers, Role, Router, SchedulingProfile, Wants, duration};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use serde_json::{Map, Value};

/// llm-d adds this picker to a profile that names none.
const DEFAULT_PICKER: &str = "max-score-picker";
/// llm-d's capacity of a band, and how long a request may wait.
const BAND_REQUESTS: u64 = 5000;
const BAND_BYTES: u64 = 1_000_000_000;
const TTL: Dur = Dur::from_us(60_000_000);

/// A registered policy and its parameters as given.
type Chosen<T> = (&'static Kind<T>, Map<String, Value>);

/// What one run's router is made of. Checked policies only.
#[derive(Clone)]
pub(super) struct ChosenPolicies {
    policies: Policies,
    /// The profile that serves requests, or chooses where they decode.
    primary: Profile,
    /// The one that chooses where prompts are computed apart, and who says whether.
    prefill: Option<Profile>,
    pub(super) disagg: Option<ChosenDisagg>,
    admitters: Vec<Chosen<dyn Admitter>>,
    detector: Chosen<dyn Detector>,
    /// Parameters of plugins that are not declared.
    nothing: Map<String, Value>,
}

/// Of which fleet and run.
#[derive(Clone, Copy)]
pub(super) struct RunOf<'a> {
    pub(super) pools: &'a [PoolPlan],
    pub(super) classes: &'a [ClassPlan],
    pub(super) seed: u64,
    pub(super) replication: u32,
}

/// Most filters of a profile: beyond, two would share their draws.
const FILTERS_MAX: u32 = 256;

impl RunOf<'_> {
    fn instances(&self) -> u32 {
        self.pools.iter().map(|pool| pool.replicas).sum()
    }
}

impl ChosenPolicies {
    /// Whether the router may reject a request, or let it wait for its turn.
    pub(super) fn holds_back(&self) -> bool {
        !self.admitters.is_empty() || self.policies.has_flow_control()
    }

    /// The plugins of the profiles and those that need none; none where a profile is missing.
    pub(super) fn new(policies: &Policies) -> Option<Self> {
        let handler = policies.handler();
        let primary = match handler {
            Some(handler) => policies.profile(handler.decode)?,
            None => policies.scheduling_profiles.first()?,
        };
        let admitters = policies.plugins.iter();
        let named = policies.flow_control.as_ref().and_then(|flow| flow.saturation_detector.as_ref());
        let detector = named.map_or(detect::DEFAULT, |name| &name.plugin_ref);
        Some(ChosenPolicies {
            primary: primary.clone(),
            prefill: handler.and_then(|handler| policies.profile(handler.prefill).cloned()),
            disagg: ChosenDisagg::new(policies),
            admitters: admitters
                .filter_map(|plugin| Some((admit::find(&plugin.kind)?, plugin.parameters.clone())))
                .collect(),
            detector: named_plugin(policies, detect::DETECTORS, detector)?,
            policies: policies.clone(),
            nothing: Map::new(),
        })
    }

    /// The scorers in a few words, or the picker.
    pub(super) fn title(&self) -> String {
        let used = || self.plugins(&self.primary);
        let scorers: Vec<&str> = used().filter_map(|(_, p)| Some(score::find(&p.kind)?.meta.title)).collect();
        let picker = used().find_map(|(_, p)| pick::find(&p.kind)).or_else(|| pick::find(DEFAULT_PICKER));
        if scorers.is_empty() { picker.map_or("", |kind| kind.meta.title).into() } else { scorers.join(" + ") }
    }

    /// Titles and weights of the scorers of both profiles.
    pub(super) fn scorers(&self) -> [Vec<(String, f64)>; 2] {
        let of = |profile: &Profile| {
            let scorer = |(weight, p): (f64, &Plugin)| Some((score::find(&p.kind)?.meta.title.into(), weight));
            self.plugins(profile).filter_map(scorer).collect()
        };
        [of(&self.primary), self.prefill.as_ref().map(of).unwrap_or_default()]
    }

    /// (weight, plugin) of a profile, in its order.
    fn plugins<'a>(&'a self, profile: &'a Profile) -> impl Iterator<Item = (f64, &'a Plugin)> {
        let used = profile.plugins.iter();
        used.filter_map(|r| Some((r.weight.unwrap_or(1.0), self.policies.plugin(&r.plugin_ref)?)))
    }

    /// A profile over so many instances, its draws in streams that begin with `source`.
    fn build_profile(&self, profile: &Profile, of: RunOf<'_>, source: u32, wants: &Wants) -> SchedulingProfile {
        let stream = |purpose, source| Stream::new(of.seed, of.replication, purpose, source);
        let filters: Vec<(Box<dyn Filter>, Stream)> = self
            .plugins(profile)
            .filter_map(|(_, plugin)| {
                // Which parameters there are is said beside the filter, wherever it is registered.
                let meta = crate::policy::all().find(|meta| meta.id == plugin.kind)?;
                filter::build(&plugin.kind, &Params::new(meta, &plugin.parameters, wants))
            })
            .zip(FILTERS_MAX * source..)
            .map(|(filter, place)| (filter, stream(Purpose::Filter, place)))
            .collect();
        let scorers: Vec<(f64, Box<dyn Scorer>)> = self
            .plugins(profile)
            .filter_map(|(weight, plugin)| {
                let kind = score::find(&plugin.kind)?;
                Some((weight, (kind.build)(&Params::new(&kind.meta, &plugin.parameters, wants))))
            })
            .collect();
        let named = self.plugins(profile).find_map(|(_, p)| Some((pick::find(&p.kind)?, &p.parameters)));
        let (kind, given) =
            named.unwrap_or_else(|| (pick::find(DEFAULT_PICKER).expect("it is registered"), &self.nothing));
        let picker: Box<dyn Picker> = (kind.build)(&Params::new(&kind.meta, given, wants));
        SchedulingProfile::new(filters, scorers, (picker, stream(Purpose::Route, source)), of.instances())
    }

    /// The router of one run, which starts without memories.
    pub(super) fn build_router(&self, of: RunOf<'_>) -> Router {
        let wants = Wants::default();
        let profile = self.build_profile(&self.primary, of, 0, &wants);
        let disaggregation = self.build_disaggregation(of, &wants);
        let admitters = self.admitters.iter().zip(0..).map(|(chosen, place)| {
            (build(chosen, &wants), Stream::new(of.seed, of.replication, Purpose::Admit, place))
        });
        let admitters = admitters.collect();
        let detector = build(&self.detector, &wants);
        let engines: Vec<&EngineConfig> =
            of.pools.iter().flat_map(|pool| (0..pool.replicas).map(|_| &pool.engine)).collect();
        let in_flight = InFlight::new(&self.params(wants.tokens(), &produce::IN_FLIGHT, &wants), engines.len());
        let producers = self.producers(of, &engines, &wants);
        let flow_control = self.policies.has_flow_control();
        Router::new(detector, flow_control, in_flight, producers, admitters, (profile, disaggregation))
    }

    /// What places prompts apart in one run, where anything does.
    fn build_disaggregation(&self, of: RunOf<'_>, wants: &Wants) -> Option<Disaggregation> {
        let (profile, decider) = (self.prefill.as_ref()?, self.disagg.as_ref()?.decider());
        let prefill = self.build_profile(profile, of, 1, wants);
        let reads = decider.needs_prefix_match();
        let prefix = if reads { Some(wants.prefix("")) } else { (!wants.prefixes().is_empty()).then_some(0) };
        Some(Disaggregation {
            prefill,
            decider,
            decode_pool: self.kept(&self.primary, of),
            prefill_pool: self.kept(profile, of),
            decide_draws: Stream::new(of.seed, of.replication, Purpose::Decide, 0),
            prefix,
        })
    }

    /// Instances that a profile's filters by role keep.
    fn kept(&self, profile: &Profile, of: RunOf<'_>) -> Vec<u32> {
        let keeps = |role: Role| {
            self.plugins(profile).all(|(_, plugin)| match plugin.kind.as_str() {
                disagg::DECODE_FILTER => role.decodes(),
                disagg::PREFILL_FILTER => role.prefills(),
                _ => true,
            })
        };
        let roles = of.pools.iter().flat_map(|pool| (0..pool.replicas).map(|_| pool.role));
        (0u32..).zip(roles).filter(|(_, role)| keeps(*role)).map(|(i, _)| i).collect()
    }

    /// The producers that somebody asked for.
    fn producers(&self, of: RunOf<'_>, engines: &[&EngineConfig], wants: &Wants) -> Producers {
        let predictor = wants.predictions().map(|name| {
            let errors = Stream::new(of.seed, of.replication, Purpose::Predict, 0);
            let params = self.params(Some(name), &produce::PREDICTED_LATENCY, wants);
            PredictedLatency::new(&params, (engines.len(), of.classes.len()), errors)
        });
        // Tokens that are not cached are known from the prefix matches that the counter of tokens in flight reads.
        let tokens = wants.tokens().or_else(|| predictor.as_ref().map(|_| String::new()));
        let uncached_by =
            tokens.map(|name| self.params(Some(name), &produce::IN_FLIGHT, wants).prefixes(produce::PREFIX_SOURCE.id));
        let kv_blocks: Vec<u32> = engines.iter().map(|e| e.kv_blocks).collect();
        let block_size = engines.first().map_or(1, |e| e.block_size);
        let prefix = |name: String| -> Box<dyn PrefixProducer> {
            let kind = self.declared(&name).map_or(name.as_str(), |plugin| &plugin.kind);
            if kind == produce::PRECISE_PREFIX.id {
                return Box::new(PrecisePrefix::new(&self.params(Some(name), &produce::PRECISE_PREFIX, wants)));
            }
            let params = self.params(Some(name), &produce::APPROX_PREFIX, wants);
            Box::new(ApproxPrefix::new(&params, block_size, &kv_blocks))
        };
        let prefixes = wants.prefixes().into_iter().map(prefix).collect();
        let topology = |name: String| {
            // llm-d does not add it by itself.
            let declared = self.declared(if name.is_empty() { produce::TOPOLOGY.id } else { &name })?;
            let is_one = declared.kind == produce::TOPOLOGY.id;
            is_one.then(|| Topology::new(&Params::new(&produce::TOPOLOGY, &declared.parameters, wants)))
        };
        let topologies = wants.topologies().into_iter().map(topology).collect();
        Producers::new(prefixes, uncached_by, predictor, topologies, engines.len())
    }

    fn declared(&self, name: &str) -> Option<&Plugin> {
        self.policies.plugin(name)
    }

    /// Parameters of the plugin of this name, or of its type's own where it is empty; its defaults where it is not
    /// declared: llm-d adds it by itself.
    fn params<'a>(&'a self, name: Option<String>, meta: &'static Meta, wants: &'a Wants) -> Params<'a> {
        let name = name.filter(|name| !name.is_empty());
        let plugin = self.declared(name.as_deref().unwrap_or(meta.id)).filter(|plugin| plugin.kind == meta.id);
        Params::new(meta, plugin.map_or(&self.nothing, |plugin| &plugin.parameters), wants)
    }

    /// Flow control of one run, if it is switched on.
    pub(super) fn build_flow(&self, classes: &[ClassPlan]) -> Option<flow::Setup> {
        if !self.policies.has_flow_control() {
            return None;
        }
        let settings = self.policies.flow_control.clone().unwrap_or_default();
        let limit =
            |value: &Option<Value>, absent: u64| value.as_ref().and_then(quantity).filter(|&n| n > 0).unwrap_or(absent);
        let wants = Wants::default();
        let name = |given: &Option<String>, which: usize| given.clone().unwrap_or_else(|| flow::DEFAULTS[which].into());
        let band = |priority: i32, declared: bool, of: &BandSettings| {
            let fairness = name(&of.fairness_policy_ref, 0);
            let ordering = name(&of.ordering_policy_ref, 1);
            flow::Band {
                priority,
                declared,
                max_requests: limit(&of.max_requests, BAND_REQUESTS),
                max_bytes: limit(&of.max_bytes, BAND_BYTES),
                fairness: build(&named_plugin(&self.policies, flow::FAIRNESS, &fairness).expect("checked"), &wants),
                ordering: build(&named_plugin(&self.policies, flow::ORDERING, &ordering).expect("checked"), &wants),
            }
        };
        let mut bands: Vec<flow::Band> =
            settings.priority_bands.iter().map(|b| band(b.priority, true, &b.settings)).collect();
        let usual = settings.default_priority_band.unwrap_or_default();
        let negative = settings.default_negative_priority_band.unwrap_or_default();
        for class in classes {
            if bands.iter().all(|b| b.priority != class.priority) {
                bands.push(band(class.priority, false, if class.priority < 0 { &negative } else { &usual }));
            }
        }
        bands.order_by_key(|b| core::cmp::Reverse(b.priority));
        let usage = name(&settings.usage_limit_policy_plugin_ref, 2);
        Some(flow::Setup {
            bands,
            max_requests: limit(&settings.max_requests, u64::MAX),
            max_bytes: limit(&settings.max_bytes, u64::MAX),
            ttl: settings.default_request_ttl.as_deref().and_then(duration).unwrap_or(TTL),
            usage: build(&named_plugin(&self.policies, flow::USAGE_LIMITS, &usage).expect("checked"), &wants),
            evicts: settings.enable_eviction == Some(true),
        })
    }
}

fn build<T: ?Sized>((kind, given): &Chosen<T>, wants: &Wants) -> Box<T> {
    (kind.build)(&Params::new(&kind.meta, given, wants))
}

/// The registered policy that a name leads to: a declared plugin's, or the type itself.
fn named_plugin<T: ?Sized>(policies: &Policies, kinds: &'static [Kind<T>], name: &str) -> Option<Chosen<T>> {
    let plugin = policies.plugin(name);
    let id = plugin.map_or(name, |plugin| &plugin.kind);
    let kind = kinds.iter().find(|kind| kind.meta.id == id)?;
    Some((kind, plugin.map(|plugin| plugin.parameters.clone()).unwrap_or_default()))
}
