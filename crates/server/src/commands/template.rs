//! Prints the CloudFormation template that the platform publishes for its customers.

use super::output;
use crate::config::Config;

pub(crate) fn run(config: &Config) {
    output::line(setup::published_template(&config.aws.setup.names));
}
