#![doc = include_str!("../README.md")]

mod account;
mod binaries;
mod cache;
mod child;
mod cluster;
mod environment;
mod error;
mod home;
mod initdb;
mod lock;
mod log;
mod options;
mod orphan;
mod password;
mod pid_file;
mod places;
mod postmaster;
mod pypi;
mod settings;
mod socket;
mod throwaway;
mod url;

pub use account::is_root;
pub use cluster::Cluster;
pub use error::{Error, Refused};
pub use options::{Options, cache_in};
pub use url::Url;
