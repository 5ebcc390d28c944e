/** What a caller of a failed function is given, and what Lambda logs. */
export interface LambdaError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** How one invocation ended: a response or an error. `elapsedMs` counts from when the runtime took the event. */
export interface Outcome {
  readonly response?: unknown;
  readonly error?: LambdaError;
  readonly elapsedMs: number;
}
