// Prints the ARN that STS sees for the profile in AWS_PROFILE, by the AWS SDK for JavaScript v3.
const { GetCallerIdentityCommand, STSClient } = require("@aws-sdk/client-sts");
const { fromNodeProviderChain } = require("@aws-sdk/credential-providers");

async function main() {
  const sts = new STSClient({ credentials: fromNodeProviderChain() });
  const identity = await sts.send(new GetCallerIdentityCommand({}));
  console.log(identity.Arn);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
