/** A service that speaks the AWS JSON protocol. */
export type Service = "kms" | "secretsmanager" | "ssm" | "dynamodb";

/**
 * What the wire and the environment call a service.
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export interface ServiceNames {
  /** `X-Amz-Target` up to the operation. */
  readonly target: string;
  /** `Content-Type`: the protocol's version. */
  readonly contentType: string;
  /** The environment variable that names another endpoint for this service alone. */
  readonly endpointVariable: string;
}

/** The names of each service. */
export const services: Readonly<Record<Service, ServiceNames>> = {
  kms: {
    target: "TrentService.",
    contentType: "application/x-amz-json-1.1",
    endpointVariable: "AWS_ENDPOINT_URL_KMS",
  },
  secretsmanager: {
    target: "secretsmanager.",
    contentType: "application/x-amz-json-1.1",
    endpointVariable: "AWS_ENDPOINT_URL_SECRETS_MANAGER",
  },
  ssm: {
    target: "AmazonSSM.",
    contentType: "application/x-amz-json-1.1",
    endpointVariable: "AWS_ENDPOINT_URL_SSM",
  },
  dynamodb: {
    target: "DynamoDB_20120810.",
    contentType: "application/x-amz-json-1.0",
    endpointVariable: "AWS_ENDPOINT_URL_DYNAMODB",
  },
};
