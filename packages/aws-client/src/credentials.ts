/** What signs a request. Each part is printable ASCII without spaces. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials, such as a Lambda function's. */
  readonly sessionToken?: string;
}

/** Credentials, or a function that gives them, which is asked at each signing: it keeps and renews them as it sees fit. */
export type CredentialSource = AwsCredentials | (() => AwsCredentials | Promise<AwsCredentials>);

/** Credentials that end. */
export interface TemporaryCredentials extends AwsCredentials {
  readonly sessionToken: string;
  /** In ms since the epoch. */
  readonly expiresMs: number;
}
