// Prints the ARN that STS sees for the profile in AWS_PROFILE, by the AWS SDK for JavaScript v3.
// With a number: every second for as many seconds, with one client, or with a new one each time
// where the word `anew` follows.
const { setTimeout: wait } = require("node:timers/promises");
const { GetCallerIdentityCommand, STSClient } = require("@aws-sdk/client-sts");
const { fromNodeProviderChain } = require("@aws-sdk/credential-providers");

// A process reads the AWS files once and keeps them, unless it is told not to.
const client = () => new STSClient({ credentials: fromNodeProviderChain({ ignoreCache: true }) });

async function main(seconds = 0, how = "once") {
  const end = Date.now() + 1000 * Number(seconds);
  let sts = client();
  for (;;) {
    const identity = await sts.send(new GetCallerIdentityCommand({}));
    console.log(identity.Arn);
    if (Date.now() >= end) return;
    await wait(1000);
    if (how === "anew") sts = client();
  }
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
