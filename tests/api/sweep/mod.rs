//! The sweep: what is found out without anybody asking.

mod drops;
mod expiry;
mod found;
mod models;
mod pace;
mod passing;
mod races;
mod serving;
mod world;
