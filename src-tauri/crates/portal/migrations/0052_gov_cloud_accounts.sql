-- The account of the partition aws-us-gov that CreateGovCloudAccount pairs with the one it creates.
ALTER TABLE account_creations ADD COLUMN gov_cloud_account_id TEXT;
