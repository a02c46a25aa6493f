//! What a dream costs: measured and planned.

use serde_json::Value;

use crate::command::Folder;

#[test]
fn a_bench_times_every_stage_of_the_processor() {
    let folder = Folder::new("bench");
    let arguments = "bench --size 64 --engine cpu --seconds 1";
    let report = folder.dream(&format!("{arguments} --json")).success();
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((&report["size"], &report["chosen"]), (&64.into(), &"CPU".into()));
    let engine = &report["engines"][0];
    let number = |name: &str| engine[name].as_f64().expect("a number");
    assert!(number("forward_ms") > 0.0 && number("iteration_ms") > number("forward_ms"));
    assert!(report["peak_memory_bytes"].as_u64() > Some(1_000_000));
    let table = folder.dream(arguments).success();
    for row in ["full iteration, ms", "gradient step / tract's forward", "tract's own forward"] {
        assert!(table.contains(row), "{row} is not in\n{table}");
    }
}

#[test]
fn a_plan_tells_memory_without_dreaming() {
    let folder = Folder::new("plan");
    let megabytes = |size: u32| {
        let arguments = format!("bench --plan --json --engine cpu --size {size}");
        let plan: Value = serde_json::from_str(&folder.dream(&arguments).success()).expect("JSON");
        assert_eq!(plan["size"], size);
        plan["engines"][0]["megabytes"].as_u64().expect("a number")
    };
    let (small, large) = (megabytes(256), megabytes(1024));
    assert!(small > 0 && (8 * small..32 * small).contains(&large), "{small} MB and {large} MB");
    let plan = folder.dream("bench --plan --engine cpu --size 1024").success();
    assert!(plan.contains(&format!("about {large} MB")), "{plan}");
    assert!(folder.dream("bench --plan --layer zebra").failure().contains("no layer zebra"));
}
