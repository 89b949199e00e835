mod world;

mod flow;
