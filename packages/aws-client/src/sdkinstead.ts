/** The way for those who need what the direct path does not do. */
export const sdkInstead: string = "let the AWS SDK send the requests (sdk() of @serverless-secrets/aws-client/sdk).";
