//! The program as it is run: a process with an environment, signals, an exit status and a database of its own.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "Clippy allows them in tests, but not in the functions that tests share"
)]

mod commands;
mod configuration;
mod crash;
mod demo;
mod doctor;
mod http2;
mod leaks;
mod local;
mod postgres;
mod program;
mod readme;
mod rotation;
mod sandbox;
mod served;
mod start;
mod streams;
mod url_given;
