pub(crate) mod world;

mod accounts;
mod editing;
mod entering;
mod expiry;
mod flow;
mod invocable;
mod kit;
mod operators;
mod owners;
mod passwords;
mod races;
mod replays;
mod reserving;
mod runs;
mod secrets;
mod strangers;
mod trust;
