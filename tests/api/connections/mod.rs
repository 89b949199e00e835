mod world;

mod accounts;
mod editing;
mod entering;
mod expiry;
mod flow;
mod owners;
mod passwords;
mod races;
mod replays;
mod reserving;
mod runs;
mod trust;
