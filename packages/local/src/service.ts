/** What an operation is given. Operations are synchronous, so that no two of them meet in the middle of a change (DynamoDB's are
 *  not: dynalite locks what they change). */
export interface OperationRequest<State> {
  /** The request's JSON, which no one has checked yet: see `readInput`. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Its name, such as `Decrypt`. */
  readonly operation: string;
  /** Who calls, as an ARN. */
  readonly userArn: string;
  /** The region that the request was signed for. */
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** What the service remembers. To be changed in place, then kept by `save`. */
  readonly state: State;
  /** The service that asks on the caller's behalf, such as `ssm`; `undefined` where the caller asks. */
  readonly via: string | undefined;
  /** Records an authorisation check. Throws `AccessDeniedException` where a rule denies it. */
  authorize(action: string, resource: string, context?: Readonly<Record<string, string | readonly string[]>>): void;
  /**
   * Has another service do an operation on the caller's behalf, in the same region: its checks are recorded as the caller's.
   * No call is logged, as CloudTrail alone would show it. Throws what the other service throws.
   */
  call<Other>(service: Service<Other>, operation: string, input: Readonly<Record<string, unknown>>): object;
  /** Keeps the state: on disk, where the server has a folder. */
  save(): void;
}

/** One operation: the answer's JSON, or nothing for an empty answer. Throws `AwsError`. One that gives a promise of these can be
 *  called by clients alone, not by another service. */
export type Operation<State> = (request: OperationRequest<State>) => object | undefined | Promise<object>;

/** An AWS service that speaks the AWS JSON protocol. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export interface Service<State> {
  /** The name it signs with, and the name of its state: `kms`. */
  readonly name: string;
  /** What stands before the operation in `x-amz-target`: `TrentService.`. */
  readonly targetPrefix: string;
  readonly jsonVersion: "1.0" | "1.1";
  /** Members of requests that hold no secret and may stand in the call log. */
  readonly logged: readonly string[];
  /** The state of a new server. It must survive JSON. */
  initial(): State;
  /** Lets time pass in the state, before each call: what was due is done. */
  elapse?(state: State, nowMs: number): void;
  readonly operations: ReadonlyMap<string, Operation<State>>;
}
