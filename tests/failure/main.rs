//! What happens when something that the service depends on fails.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "Clippy allows them in tests, but not in the functions that tests share"
)]

mod blindness;
mod broken_saves;
mod conversations;
mod database_away;
mod database_hangs;
mod disconnects;
mod endings;
mod issuer;
mod load;
mod master_key;
mod postgres;
mod proxy;
mod replicas;
mod shutdown;
mod slow_clients;
mod start;
mod sweep;
mod under_way;
