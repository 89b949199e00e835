//! A process that is measured. It tells its parent what it is asked for a line at a time, and ends with it.

use std::{
    io::{BufRead, BufReader, Write, stdin, stdout},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tokio::runtime::Handle;

/// A process that has told that it is ready.
pub(crate) struct Process {
    /// What it told.
    pub(crate) ready: Value,
    child: Child,
    /// Closed, it ends.
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What a process has used so far.
#[derive(Clone, Copy)]
pub(crate) struct Used {
    /// Of all its threads.
    pub(crate) cpu: Duration,
    /// What it holds in memory now, in MB; not where there is no `/proc`.
    pub(crate) resident: f64,
    /// How many tasks have not ended.
    pub(crate) tasks: u64,
}

impl Process {
    /// Starts this program again, as something else.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let questions = child.stdin.take();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let ready = read(&mut answers);
        Self {
            ready,
            child,
            questions,
            answers,
        }
    }

    /// Something that it told, by name.
    pub(crate) fn told(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    /// What it has used so far.
    pub(crate) fn used(&mut self) -> Used {
        self.questions.as_mut().unwrap().write_all(b"\n").unwrap();
        let used = read(&mut self.answers);
        Used {
            cpu: Duration::from_nanos(used["cpu"].as_u64().unwrap()),
            resident: used["resident"].as_f64().unwrap_or(f64::NAN),
            tasks: used["tasks"].as_u64().unwrap(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.questions.take());
        // It ends when it is asked nothing any more.
        let _ = self.child.wait();
    }
}

fn read(answers: &mut impl BufRead) -> Value {
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

/// The other end: tells the parent that this process is ready, and then what it has used, as often as it asks.
pub(crate) fn report(ready: &Value) {
    println!("{ready}");
    for _ in stdin().lines() {
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        let cpu = cpu.tv_sec * 1_000_000_000 + cpu.tv_nsec;
        let tasks = Handle::current().metrics().num_alive_tasks();
        println!(
            "{}",
            json!({ "cpu": cpu, "resident": resident(), "tasks": tasks })
        );
        stdout().flush().unwrap();
    }
}

fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1_024.0 / 1_000_000.0)
}
