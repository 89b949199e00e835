mod world;

mod flow;
mod owners;
mod trust;
