mod world;

mod entering;
mod flow;
mod owners;
mod reserving;
mod trust;
