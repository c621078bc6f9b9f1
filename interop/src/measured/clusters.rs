//! llm-d's ladders: rates one after the other over a fleet, once per routing policy. A stage finds the caches that the one
//! before it left behind, so each ladder is one run; its queue is gone by then, as the measured throughputs and waits show:
//! a stage's tokens over its throughput is the time until its last answer, and its first requests do not wait.

use super::deployment::{Deployed, engine, parallel, pool_blocks, sampling, scenario};
use super::experiment::{Column, cells};
use super::{
    Cell, Experiment, Latency, Load, Part, Prompts, Quantity, Reader, Record, Requests, Row, Set, Stage, Stat, grouped,
    seed,
};
use Latency::{Tpot, Ttft};
use Quantity::{Gap, Of, OutputRate, ServedRate};
use Stat::{Mean, Permille};
use playground_core::scenario::{EngineArgs, Plugin, PluginRef, Policies, Profile, resolve};

pub(super) const ROUTING: &str = "clusters/llmd_routing_ladders.csv";
pub(super) const BASELINE: &str = "clusters/llmd_optimized_baseline_ladders.csv";

/// The release, by the dates of the runs: late 2025.
const RELEASE: &str = "0.11";
/// Time for a stage's backlog to be served, s.
const PAUSE_S: f64 = 1500.0;
/// Of a recorded KV cache, the share that must fit by our own sizing; that is right within a few percent.
const HELD_MIN: f64 = 0.8;
/// Longest sequence of those deployments, tokens.
const MAX_MODEL_LEN: u32 = 16_000;

/// Stage durations of the published ladder, s, by its rate; the optimized baseline used the same.
const DURATIONS: [(f64, f64); 15] = [
    (15.0, 20.0),
    (20.0, 38.0),
    (22.0, 34.0),
    (25.0, 30.0),
    (30.0, 25.0),
    (35.0, 21.0),
    (40.0, 38.0),
    (43.0, 36.0),
    (46.0, 33.0),
    (49.0, 30.0),
    (52.0, 29.0),
    (55.0, 27.0),
    (57.0, 26.0),
    (60.0, 25.0),
    (f64::INFINITY, 20.0),
];

const ROUTING_COLUMNS: [Column; 6] = [
    Column("out_tok_s", OutputRate, 1.0, true),
    Column("req_s", ServedRate, 1.0, false),
    Column("ttft_p90_s", Of(Ttft, Permille(900)), 1e-3, true),
    Column("ttft_mean_s", Of(Ttft, Mean), 1e-3, true),
    Column("itl_mean_s_RAW_HALVED", Of(Tpot, Mean), 0.5e-3, true),
    // Half of its gaps are those between the two events of one token, and nil: a p90 of all is a p80 of the others.
    Column("itl_p90_s_raw", Gap(800), 1e-3, false),
];

pub(super) fn routing(reader: &mut Reader<'_>, file: &str) {
    ladders(reader, file, Set::Routing);
}

pub(super) fn baseline(reader: &mut Reader<'_>, file: &str) {
    ladders(reader, file, Set::Baseline);
}

fn ladders(reader: &mut Reader<'_>, file: &str, set: Set) {
    let Some(sheet) = reader.sheet(file) else { return };
    for (_, rows) in grouped(&sheet, |r| format!("{}/{}", r.text("exp"), r.text("policy"))) {
        let made = ladder(reader, file, set, rows.clone());
        reader.add(file, rows[0].row, made);
    }
}

fn ladder(reader: &Reader<'_>, file: &str, set: Set, mut rows: Vec<Record<'_>>) -> Result<Experiment, String> {
    for row in &rows {
        row.needed("qps")?;
    }
    rows.sort_by(|a, b| a.number("qps").unwrap_or(0.0).total_cmp(&b.number("qps").unwrap_or(0.0)));
    let first = rows[0];
    let (exp, policy) = (first.text("exp"), first.text("policy"));
    let deployed = reader.deployed(&first, "model", "gpu")?;
    let mut notes = deployed.notes.clone();
    let stages: Vec<Stage> = rows.iter().map(|r| stage(r)).collect::<Result<_, _>>()?;
    let (system, question) = (first.count("system_prompt_len")?, first.count("question_len")?);
    let (input, output) = (system + question, first.count("output_len")?);
    let row = |(class, r): (u32, &Record<'_>)| Row {
        file: file.into(),
        row: r.row,
        part: Part::Stage,
        classes: class..class + 1,
        label: format!("{} at {} requests/s", policy, r.text("qps")),
        cells: if set == Set::Routing { cells(r, &ROUTING_COLUMNS) } else { baseline_cells(r) },
    };
    let key = format!("{exp}/{policy}");
    let replicas = first.count("pods")?;
    let args = fleet_engine(reader, &first, &deployed, &mut notes)?;
    let mut scenario = scenario(&key, &deployed, replicas, args, stages.len() as u32, (input, output));
    scenario.policies = policies(policy)?;
    Ok(Experiment {
        set,
        scenario,
        model: deployed.model,
        gpu: deployed.gpu,
        load: Load {
            requests: Requests::Stages {
                stages,
                prompts: Prompts::Repeated {
                    groups: first.count("groups")?,
                    per_group: first.count("prompts_per_group")?,
                    prefix_tokens: system,
                    tokens: input,
                },
                output,
            },
            in_flight_max: None,
            timeout: None,
            seed: seed(exp),
        },
        rows: (0..).zip(&rows).map(row).collect(),
        per_request: None,
        notes,
        counted_elsewhere: false,
        policy: Some((exp.into(), policy.into())),
        id: key,
    })
}

fn stage(record: &Record<'_>) -> Result<Stage, String> {
    let rate_rps = record.needed("qps")?;
    let published = DURATIONS.iter().find(|(rate, _)| *rate == rate_rps).map_or(20.0, |(_, s)| *s);
    Ok(Stage { rate_rps, duration_s: record.number("stage_duration_s").unwrap_or(published), pause_s: PAUSE_S })
}

fn fleet_engine(
    reader: &Reader<'_>,
    record: &Record<'_>,
    deployed: &Deployed,
    notes: &mut Vec<String>,
) -> Result<EngineArgs, String> {
    let mut args = engine(reader.catalog, RELEASE);
    let gpus = record.number("gpus_per_pod").or_else(|| record.number("tp")).ok_or("`tp` is missing")?;
    args.tensor_parallel_size = parallel(gpus as u32);
    let longest = reader.catalog.model(&deployed.model).map_or(MAX_MODEL_LEN, |m| m.max_context_tokens);
    args.max_model_len = Some(MAX_MODEL_LEN.min(longest));
    args.sampling = sampling(&deployed.model).into();
    if let Some(tokens) = record.number("kv_tokens_per_pod") {
        args.num_gpu_blocks_override = Some(pool_blocks(reader.catalog, deployed, &args, tokens / 16.0));
        hold(reader, deployed, tokens, &mut args, notes);
    }
    Ok(args)
}

/// A pod that is recorded to hold far more tokens than fit beside bf16 weights has narrower ones, and perhaps keys and
/// values too: the first of these that holds as much.
fn hold(reader: &Reader<'_>, deployed: &Deployed, tokens: f64, args: &mut EngineArgs, notes: &mut Vec<String>) {
    let fits = |args: &EngineArgs| {
        let own = EngineArgs { num_gpu_blocks_override: None, ..args.clone() };
        let plan = resolve(&scenario("", deployed, 1, own, 1, (1, 1)), reader.catalog);
        plan.is_ok_and(|plan| plan.pools()[0].kv_tokens() as f64 >= tokens * HELD_MIN)
    };
    for (weights, kv, what) in
        [(None, None, "bf16"), (Some("fp8"), None, "fp8"), (Some("fp8"), Some("fp8"), "fp8, keys and values too")]
    {
        (args.quantization, args.kv_cache_dtype) = (weights.map(String::from), kv.map(String::from));
        if fits(args) {
            if weights.is_some() {
                notes.push(format!("its recorded KV cache does not fit beside bf16 weights; simulated as {what}"));
            }
            return;
        }
    }
    (args.quantization, args.kv_cache_dtype) = (None, None);
    notes.push("its recorded KV cache is larger than what fits".into());
}

/// The optimized baseline names the statistic in a cell of its own.
fn baseline_cells(record: &Record<'_>) -> Vec<Cell> {
    let stat = match record.text("ttft_stat") {
        "p50" | "median" => Permille(500),
        "p90" => Permille(900),
        _ => Mean,
    };
    cells(
        record,
        &[
            Column("out_tok_s", OutputRate, 1.0, true),
            Column("ttft_s", Of(Ttft, stat), 1e-3, true),
            Column("ttft_p90_s", Of(Ttft, Permille(900)), 1e-3, true),
        ],
    )
}

/// llm-d's routing by the name a ladder gives it.
fn policies(policy: &str) -> Result<Policies, String> {
    if policy.contains("round-robin") {
        return Ok(Policies::single("round-robin-picker"));
    }
    if policy.contains("random") {
        return Ok(Policies::single("random-picker"));
    }
    match policy {
        p if p.contains("affinity") && p.contains("token-load") => Ok(affinity()),
        p if p.contains("precise") => Ok(scored(2.0, Some((Plugin::new(PRECISE), 3.0)))),
        p if p.contains("prefix") || p.contains("estimated") || p.contains("default") => {
            Ok(scored(1.0, Some((approximate(), 1.0))))
        }
        p if p.contains("load") => Ok(scored(1.0, None)),
        other => Err(format!("the policy “{other}” is not known")),
    }
}

/// Scorers of load in the charts of late 2025. With the approximate index they and the prefix cache weighed 1 each; with
/// the precise one 2 each beside 3. The charts took over the latter after these ladders, and because of them
/// (gateway-api-inference-extension, pull request 1827, November 2025).
const LOAD: [&str; 2] = ["queue-scorer", "kv-cache-utilization-scorer"];
const PRECISE: &str = "precise-prefix-cache-producer";

/// The approximate index of late 2025, before it took its size from the engines and counted in tokens: a fixed number of
/// blocks of 64 characters, which its source takes for 16 tokens, and no more than 256 of a prompt. What follows them it
/// does not tell apart.
fn approximate() -> Plugin {
    let parameters = [
        ("autoTune", false.into()),
        ("blockSizeTokens", 16.into()),
        ("maxPrefixTokensToMatch", 0.into()),
        ("maxPrefixBlocksToMatch", 256.into()),
        ("lruCapacityPerServer", 31_250.into()),
    ];
    with("approx-prefix-cache-producer", parameters)
}

fn with<const N: usize>(kind: &str, parameters: [(&str, serde_json::Value); N]) -> Plugin {
    let parameters = parameters.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    Plugin { parameters, ..Plugin::new(kind) }
}

/// A profile of scorers of load of this weight each, and of the prefix cache by what an index says and its weight; the
/// best one picked.
fn scored(load: f64, index: Option<(Plugin, f64)>) -> Policies {
    let prefix = index.as_ref().map(|(index, weight)| {
        let parameters = [("prefixMatchInfoProducerName", index.kind.clone().into())];
        (with("prefix-cache-scorer", parameters), *weight)
    });
    let scorers = LOAD.iter().map(|kind| (Plugin::new(kind), load)).chain(prefix).collect();
    profile(index.map(|(index, _)| index), scorers)
}

/// Among those that hold most of a prompt, unless that costs too much waiting, the one with the fewest tokens in flight.
fn affinity() -> Policies {
    let mut policies = profile(None, vec![(Plugin::new("token-load-scorer"), 1.0)]);
    policies.plugins.insert(0, with(AFFINITY, [("peakPrefillThroughput", PEAK_TOKENS_PER_S.into())]));
    let filter = PluginRef { plugin_ref: AFFINITY.into(), ..PluginRef::default() };
    policies.scheduling_profiles[0].plugins.insert(0, filter);
    policies
}

const AFFINITY: &str = "prefix-cache-affinity-filter";
/// What the guide for gpt-oss-120b on one H100 sets it to: prompt tokens per second.
const PEAK_TOKENS_PER_S: f64 = 39_065.0;

/// A profile of these scorers, the best one picked.
fn profile(index: Option<Plugin>, scorers: Vec<(Plugin, f64)>) -> Policies {
    let weighed = scorers.iter().map(|(scorer, weight)| PluginRef {
        plugin_ref: scorer.kind.clone(),
        weight: Some(*weight),
        ..PluginRef::default()
    });
    let picker = PluginRef { plugin_ref: "max-score-picker".into(), ..PluginRef::default() };
    let profile = Profile { name: "default".into(), plugins: weighed.chain([picker]).collect(), ..Profile::default() };
    let plugins = index.into_iter().chain(scorers.into_iter().map(|(scorer, _)| scorer));
    let plugins = plugins.chain([Plugin::new("max-score-picker")]).collect();
    Policies { plugins, scheduling_profiles: vec![profile], ..Policies::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scorers_weigh_what_they_did_at_the_time() {
        let weights = |policy: &str| {
            let policies = policies(policy).expect("a policy of the ladders");
            let plugins = &policies.scheduling_profiles[0].plugins;
            plugins.iter().filter_map(|p| Some((p.plugin_ref.clone(), p.weight?))).collect::<Vec<_>>()
        };
        let named = |load: f64, prefix: f64| {
            let [queue, kv] = LOAD.map(|kind| (kind.to_string(), load));
            vec![queue, kv, ("prefix-cache-scorer".to_string(), prefix)]
        };
        assert_eq!(weights("default-scheduling"), named(1.0, 1.0));
        assert_eq!(weights("precise-scheduling"), named(2.0, 3.0));
        assert_eq!(weights("load-scheduling"), named(1.0, 0.0)[..2]);
        assert!(policies("unheard-of").is_err());
    }
}
