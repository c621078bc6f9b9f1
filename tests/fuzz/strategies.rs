//! Arbitrary scenarios: every field anything its type allows, unknown settings nested at every level.

use playground_core::scenario::{
    Arrival, BLOCK_KINDS, BandSettings, EngineArgs, Extra, FlowControl, KvTransfer, Length, LoadAxis, OwnBlocks,
    OwnGpu, OwnModel, Plugin, PluginName, PluginRef, Policies, Pool, PriorityBand, Profile, Run, Scenario,
    SharedPrefix, Slo, SpeculativeConfig, StepLaw, SweepAxis, Topology, TrafficClass, Turns, Workload,
};
use proptest::collection::{btree_map, vec};
use proptest::num::f64::{NEGATIVE, NORMAL, SUBNORMAL, ZERO};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

/// Any finite number; JSON has no others.
fn number() -> impl Strategy<Value = f64> + Clone {
    NORMAL | SUBNORMAL | ZERO | NEGATIVE
}

/// Any text, brief.
fn text() -> impl Strategy<Value = String> + Clone {
    "\\PC{0,12}"
}

/// Any JSON, a few levels deep.
fn json() -> impl Strategy<Value = Value> + Clone {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        number().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(text(), inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Unknown settings: names that no field has.
fn extra() -> impl Strategy<Value = Extra> + Clone {
    prop_oneof![
        3 => Just(Extra::new()),
        1 => btree_map("x-\\PC{0,6}", json(), 1..3).prop_map(|map| map.into_iter().collect()),
    ]
}

fn law() -> impl Strategy<Value = StepLaw> {
    (number(), number(), number(), number(), extra()).prop_map(|(a, b, c, d, extra)| StepLaw {
        step_us: a,
        per_sequence_us: b,
        per_token_us: c,
        per_context_token_us: d,
        extra,
    })
}

fn drafts() -> impl Strategy<Value = SpeculativeConfig> {
    let chances = (option::of(vec(number(), 0..5)), option::of(number()));
    (text(), option::of(text()), any::<u32>(), chances, extra()).prop_map(|(method, model, drafts, chances, extra)| {
        SpeculativeConfig {
            method,
            model,
            num_speculative_tokens: drafts,
            synthetic_acceptance_rates: chances.0,
            synthetic_acceptance_length: chances.1,
            extra,
        }
    })
}

fn transfer() -> impl Strategy<Value = KvTransfer> {
    let given = vec(option::of(number()), 3);
    (text(), given, vec(number(), 4), any::<bool>(), extra()).prop_map(|(network, given, values, heartbeats, extra)| {
        KvTransfer {
            network,
            gb_s_per_gpu: given[0],
            latency_us: given[1],
            descriptor_us: given[2],
            jitter_frac: values[0],
            handshake_ms: values[1],
            lease_s: values[2],
            heartbeats,
            sidecar_ms: values[3],
            extra,
        }
    })
}

fn engine() -> impl Strategy<Value = EngineArgs> {
    let counts = vec(option::of(any::<u32>()), 15);
    (
        text(),
        any::<u32>(),
        counts,
        vec(option::of(number()), 3),
        vec(option::of(any::<bool>()), 6),
        (text(), vec(option::of(text()), 5)),
        (option::of(law()), option::of(drafts())),
        extra(),
    )
        .prop_map(|(version, tp, counts, memory, flags, (sampling, numbers), (step_law, drafts), extra)| {
            EngineArgs {
                version,
                tensor_parallel_size: tp,
                pipeline_parallel_size: counts[10],
                data_parallel_size: counts[11],
                max_num_queued_reqs: counts[12],
                max_num_queued_tokens: counts[13],
                enable_expert_parallel: flags[5],
                all2all_backend: numbers[3].clone(),
                max_num_batched_tokens: counts[0],
                max_num_seqs: counts[1],
                max_cudagraph_capture_size: counts[14],
                quantization: numbers[0].clone(),
                kv_cache_dtype: numbers[1].clone(),
                max_model_len: counts[2],
                max_num_active_seqs: counts[5],
                enable_chunked_prefill: flags[2],
                watermark: memory[1],
                scheduler_reserve_full_isl: flags[3],
                scheduling_policy: numbers[2].clone(),
                long_prefill_token_threshold: counts[6],
                long_prefill_token_threshold_adaptive: flags[4],
                prefill_schedule_interval: counts[7],
                max_num_partial_prefills: counts[8],
                max_long_partial_prefills: counts[9],
                gpu_memory_utilization: memory[0],
                block_size: counts[3],
                num_gpu_blocks_override: counts[4],
                enable_prefix_caching: flags[0],
                kv_offloading_size: memory[2],
                kv_offloading_backend: numbers[4].clone(),
                async_scheduling: flags[1],
                speculative_config: drafts,
                sampling,
                step_law,
                extra,
            }
        })
}

fn pool() -> impl Strategy<Value = Pool> {
    let labels = btree_map(text(), text(), 0..2);
    (vec(text(), 4), labels, any::<u32>(), engine(), option::of(number()), extra()).prop_map(
        |(words, labels, replicas, engine, price_usd_per_gpu_hour, extra)| Pool {
            name: words[0].clone(),
            role: words[1].clone(),
            labels,
            model: words[2].clone(),
            gpu: words[3].clone(),
            replicas,
            engine,
            price_usd_per_gpu_hour,
            extra,
        },
    )
}

/// Blocks of a kind that is known or not, with dimensions of that kind, of others, and of no kind.
fn own_blocks() -> impl Strategy<Value = OwnBlocks> {
    let names: Vec<&str> = BLOCK_KINDS.iter().flat_map(|k| k.columns.iter().map(|c| c.name)).collect();
    let value = prop_oneof![any::<u32>().prop_map(Value::from), (0..5u32).prop_map(Value::from), json()];
    let dimensions = vec((select(names), value), 0..8);
    let kind = prop_oneof![4 => select(BLOCK_KINDS.iter().map(|k| k.name.to_owned()).collect::<Vec<_>>()), 1 => text()];
    (kind, any::<u32>(), dimensions, extra()).prop_map(|(kind, count, dimensions, mut extra)| {
        extra.extend(dimensions.into_iter().map(|(name, value)| (name.to_owned(), value)));
        OwnBlocks { kind, count, dimensions: extra }
    })
}

fn own_model() -> impl Strategy<Value = OwnModel> {
    (vec(text(), 4), vec(any::<u32>(), 4), any::<bool>(), vec(own_blocks(), 0..4), extra()).prop_map(
        |(words, sizes, tied_embeddings, blocks, extra)| OwnModel {
            id: words[0].clone(),
            name: words[1].clone(),
            hidden_size: sizes[0],
            vocab_size: sizes[1],
            tied_embeddings,
            hidden_norms: sizes[2],
            max_context_tokens: sizes[3],
            weights: words[2].clone(),
            expert_weights: words[3].clone(),
            blocks,
            extra,
        },
    )
}

fn own_gpu() -> impl Strategy<Value = OwnGpu> {
    (vec(text(), 3), vec(number(), 5), vec(option::of(number()), 3), any::<u32>(), extra()).prop_map(
        |(words, numbers, peaks, link_gpus, extra)| OwnGpu {
            id: words[0].clone(),
            name: words[1].clone(),
            based_on: words[2].clone(),
            memory_gib: numbers[0],
            memory_bandwidth_gb_s: numbers[1],
            bf16_dense_tflops: numbers[2],
            fp8_dense_tflops: peaks[0],
            fp4_dense_tflops: peaks[1],
            int8_dense_tops: peaks[2],
            link_gb_s_per_direction: numbers[3],
            link_gpus,
            price_usd_per_gpu_hour: numbers[4],
            extra,
        },
    )
}

fn length() -> impl Strategy<Value = Length> {
    let law = (vec(any::<u32>(), 0..4), vec(number(), 0..4));
    (text(), number(), number(), any::<u32>(), any::<u32>(), law, extra()).prop_map(
        |(kind, mean, std_dev, min, max, (values, weights), extra)| Length {
            kind,
            mean,
            std_dev,
            min,
            max,
            values,
            weights,
            extra,
        },
    )
}

fn slo() -> impl Strategy<Value = Slo> {
    (number(), vec(option::of(number()), 3), extra()).prop_map(|(percentile, targets, extra)| Slo {
        percentile,
        ttft_ms: targets[0],
        itl_ms: targets[1],
        e2e_ms: targets[2],
        extra,
    })
}

fn prefix() -> impl Strategy<Value = SharedPrefix> {
    (vec(any::<u32>(), 3), extra()).prop_map(|(counts, extra)| SharedPrefix {
        tokens: counts[0],
        groups: counts[1],
        prompts_per_group: counts[2],
        in_turn: counts[2] % 2 == 1,
        extra,
    })
}

fn turns() -> impl Strategy<Value = Turns> {
    (length(), length(), length(), extra()).prop_map(|(turns, input, think_ms, extra)| Turns {
        turns,
        input,
        think_ms,
        extra,
    })
}

fn class() -> impl Strategy<Value = TrafficClass> {
    let lengths = (length(), length(), option::of(prefix()), option::of(turns()));
    let ends = (option::of(number()), any::<bool>());
    (text(), number(), any::<i32>(), lengths, ends, slo(), extra()).prop_map(
        |(name, share, priority, (input, output, prefix, conversation), (timeout_s, ignore_eos), slo, extra)| {
            TrafficClass {
                name,
                share,
                priority,
                input,
                output,
                prefix,
                conversation,
                timeout_s,
                ignore_eos,
                slo,
                extra,
            }
        },
    )
}

fn arrival() -> impl Strategy<Value = Arrival> {
    let counts = option::of(any::<u32>());
    (text(), number(), counts, vec(option::of(number()), 6), extra()).prop_map(
        |(kind, rate_rps, max_concurrency, numbers, extra)| Arrival {
            kind,
            rate_rps,
            max_concurrency,
            cv: numbers[0],
            on_s: numbers[1],
            off_s: numbers[2],
            ramp_s: numbers[3],
            ramp_from_frac: numbers[4],
            stage_s: numbers[5],
            extra,
        },
    )
}

fn sweep() -> impl Strategy<Value = Vec<SweepAxis>> {
    let axis = (text(), extra(), extra()).prop_map(|(path, values, extra)| SweepAxis {
        path,
        values: values.into_iter().map(|(_, value)| value).collect(),
        extra,
    });
    vec(axis, 0..3)
}

fn policies() -> impl Strategy<Value = Policies> {
    let plugin = (text(), option::of(text()), extra(), extra()).prop_map(|(kind, name, parameters, extra)| Plugin {
        kind,
        name,
        parameters,
        extra,
    });
    let reference = (text(), option::of(number()), extra()).prop_map(|(plugin_ref, weight, extra)| PluginRef {
        plugin_ref,
        weight,
        extra,
    });
    let profile =
        (text(), vec(reference, 0..4), extra()).prop_map(|(name, plugins, extra)| Profile { name, plugins, extra });
    (vec(plugin, 0..4), vec(profile, 0..3), vec(text(), 0..2), option::of(flow_control()), extra()).prop_map(
        |(plugins, scheduling_profiles, feature_gates, flow_control, extra)| Policies {
            plugins,
            scheduling_profiles,
            feature_gates,
            flow_control,
            extra,
        },
    )
}

fn flow_control() -> impl Strategy<Value = FlowControl> {
    // What is null is absent.
    let some = || option::of(json().prop_filter("something", |value| !value.is_null()));
    let band = || {
        (some(), some(), option::of(text()), option::of(text()), extra()).prop_map(
            |(max_bytes, max_requests, fairness_policy_ref, ordering_policy_ref, extra)| BandSettings {
                max_bytes,
                max_requests,
                fairness_policy_ref,
                ordering_policy_ref,
                extra,
            },
        )
    };
    let bands = (any::<i32>(), band()).prop_map(|(priority, settings)| PriorityBand { priority, settings });
    let name = (text(), extra()).prop_map(|(plugin_ref, extra)| PluginName { plugin_ref, extra });
    let texts = (option::of(text()), option::of(text()), option::of(text()));
    let whole = (some(), some(), option::of(any::<bool>()), option::of(name));
    (whole, texts, (option::of(band()), option::of(band()), vec(bands, 0..3)), extra()).prop_map(
        |((max_bytes, max_requests, enable_eviction, saturation_detector), (ttl, no_endpoint, usage), bands, extra)| {
            FlowControl {
                max_bytes,
                max_requests,
                default_request_ttl: ttl,
                no_endpoint_request_ttl: no_endpoint,
                default_priority_band: bands.0,
                default_negative_priority_band: bands.1,
                priority_bands: bands.2,
                usage_limit_policy_plugin_ref: usage,
                saturation_detector,
                enable_eviction,
                extra,
            }
        },
    )
}

fn run() -> impl Strategy<Value = Run> {
    let load = (number(), number(), any::<u32>(), extra()).prop_map(|(min_frac, max_frac, points, extra)| LoadAxis {
        min_frac,
        max_frac,
        points,
        extra,
    });
    (any::<u64>(), any::<u32>(), any::<u32>(), option::of(number()), text(), load, extra()).prop_map(
        |(seed, replications, requests, warmup_s, warmup_rule, load, extra)| Run {
            seed,
            replications,
            requests,
            warmup_s,
            warmup_rule,
            load,
            extra,
        },
    )
}

/// Any scenario at all.
pub(crate) fn scenario() -> impl Strategy<Value = Scenario> {
    let own = (vec(own_model(), 0..2), vec(own_gpu(), 0..2));
    let topology = (vec(pool(), 0..3), option::of(transfer()), own, extra())
        .prop_map(|(pools, kv_transfer, (models, gpus), extra)| Topology { pools, kv_transfer, models, gpus, extra });
    let workload = (arrival(), vec(class(), 0..3), extra()).prop_map(|(arrival, classes, extra)| Workload {
        arrival,
        classes,
        extra,
    });
    (any::<u32>(), text(), text(), topology, workload, policies(), (run(), sweep()), [extra(), extra()]).prop_map(
        |(schema_version, title, note, topology, workload, policies, (run, sweep), [imported, extra])| Scenario {
            schema_version,
            title,
            note,
            topology,
            workload,
            policies,
            run,
            sweep,
            imported,
            extra,
        },
    )
}
