//! Asks a running service whether it is ready.

use std::{net::IpAddr, process::ExitCode, time::Duration};

use super::{Result, output};
use crate::config::Config;

pub(crate) async fn run(config: &Config) -> Result<ExitCode> {
    let mut address = config.listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        });
    }
    // A proxy of the environment has no business between a service and itself.
    let http = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(3))
        .build()?;
    let answer = http
        .get(format!("http://{address}/readyz"))
        .send()
        .await
        .map_err(|error| {
            format!(
                "nothing answers at {address}, which BI_LISTEN names: {}",
                output::chain(&error)
            )
        })?;
    let ready = answer.status().is_success();
    output::line(answer.text().await?);
    Ok(if ready {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
