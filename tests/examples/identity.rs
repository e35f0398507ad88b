//! Prints the ARN that STS sees for the profile in `AWS_PROFILE`, by aws-config. With a number:
//! every second for as many seconds, with one client, or with a new one each time where the word
//! `anew` follows.
#![expect(clippy::print_stdout, reason = "its answer")]

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws_config::BehaviorVersion;
use aws_sdk_sts::Client;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().map_or(Ok(0), |seconds| seconds.parse())?;
    let anew = arguments.next().is_some_and(|how| how == "anew");
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut sts = client().await;
    loop {
        let identity = sts.get_caller_identity().send().await?;
        println!("{}", identity.arn().context("the answer has an ARN")?);
        if Instant::now() >= end {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        if anew {
            sts = client().await;
        }
    }
}

async fn client() -> Client {
    Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await)
}
