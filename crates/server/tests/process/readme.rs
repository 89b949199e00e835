//! The README's lines do what it says when they are pasted.

use std::{fs, net::TcpListener, process::Command};

use serde_json::Value;

use crate::program::{Process, program};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");

/// What stands to be pasted below "Try it", but for the line that a reader fills in.
fn pasted() -> String {
    let readme = fs::read_to_string(README).unwrap();
    let section = readme
        .split("\n## ")
        .find(|text| text.starts_with("Try it"));
    let blocks = section.unwrap().split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .filter(|block| !block.starts_with("export API_KEY="))
        .collect()
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn what_the_readme_says_to_try_works_when_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let ops = format!("127.0.0.1:{}", free_port());
    let mut demo = Process::start(program(&["demo"]).env("BI_OPS_LISTEN", &ops));
    let line = demo.line("ready {");
    let ready: Value = serde_json::from_str(line.strip_prefix("ready ").unwrap()).unwrap();
    let text = |member: &str| ready[member].as_str().unwrap();
    let host = text("url").strip_prefix("http://").unwrap();
    // A refusal ends the script: the lines are all of what works.
    let script = format!(
        "set -euo pipefail\ncurl() {{ command curl --fail-with-body \"$@\"; }}\n{}",
        pasted()
            .replace("localhost:8080", host)
            .replace("localhost:9090", &ops)
    );
    assert!(script.matches("curl ").count() >= 20, "{script}");

    let ended = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("API_KEY", text("api_key"))
        .env("OPERATOR_KEY", text("operator_key"))
        .env("SANDBOX", text("sandbox_url"))
        .env("BEDROCK_KEY", text("bedrock_api_key"))
        .output()
        .unwrap();

    let (told, complaints) = (
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr),
    );
    assert!(ended.status.success(), "{told}\n{complaints}");
    for expected in [
        "trust_policy_denied",
        "event: report",
        "us.anthropic.claude-3-5-haiku-20241022-v1:0",
        "\"left_in_aws\":[\"The role",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}
