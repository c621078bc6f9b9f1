use playground_core::{catalog::Catalog, scenario::{Scenario, resolve}, study::{Fidelity, LoadCurve}, report::Statistic};
fn main() {
    let c = Catalog::builtin();
    let (mut inside, mut all) = ([0;10], 0);
    let mut td=0.0; let mut ts=0.0;
    for seed in 0..30 {
    let mut s = Scenario::default();
    s.run.seed = seed+ 42;
    let plan = resolve(&s, &c).unwrap();
    let t = std::time::Instant::now();
    let d = LoadCurve::run(&plan, Fidelity::Draft);
    td += t.elapsed().as_secs_f64();
    let t = std::time::Instant::now();
    let st = LoadCurve::run(&plan, Fidelity::Settled);
    ts += t.elapsed().as_secs_f64();
    for p in &d.curve { if p.report.load_frac > 0.81 {continue}
        let q = st.curve.iter().find(|q| q.rate_rps==p.rate_rps).unwrap();
        all += 1;
        for (k,stt) in Statistic::ALL.iter().enumerate() { for (j,(a,b)) in [(&p.report.total.metrics.ttft_ms,&q.report.total.metrics.ttft_ms),(&p.report.total.metrics.itl_ms,&q.report.total.metrics.itl_ms)].iter().enumerate() {
            let v=a.get(*stt).0.unwrap(); let (_,lo,hi)=b.get(*stt);
            if v>=lo.unwrap() && v<=hi.unwrap() { inside[k*2+j]+=1 } } }
    }
    }
    println!("{inside:?} of {all}; draft {:.1} ms settled {:.1} ms", td/30.*1e3, ts/30.*1e3);
}
