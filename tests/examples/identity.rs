//! Prints the ARN that STS sees for the profile in `AWS_PROFILE`, by aws-config.
#![expect(clippy::print_stdout, reason = "its answer")]

use anyhow::{Context, Result};
use aws_config::BehaviorVersion;

#[tokio::main]
async fn main() -> Result<()> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let identity = aws_sdk_sts::Client::new(&config)
        .get_caller_identity()
        .send()
        .await?;
    println!("{}", identity.arn().context("the answer has an ARN")?);
    Ok(())
}
