import type { Control } from "./control.ts";
import { awsError } from "./error.ts";
import { partitionOf } from "./partition.ts";
import type { OperationRequest, Service } from "./service.ts";
import type { State } from "./state.ts";

/** A call whose caller is known. */
export interface Performed {
  readonly service: Service<unknown>;
  readonly operation: string;
  readonly region: string;
  readonly accountId: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  /** The service that asks for it, where that is not the caller. */
  readonly via?: string;
}

/** Performs one operation and gives its answer. @throws AwsError */
export function perform(call: Performed, state: State, control: Control): object | undefined {
  const { service, operation, region, accountId, input, requestId, via } = call;
  const run = service.operations.get(operation);
  if (run === undefined) throw awsError("UnknownOperationException");
  const nowMs = Date.now() + control.clockSkewMs;
  const userArn = `arn:${partitionOf(region)}:sts::${accountId}:assumed-role/local/local`;
  const own = state.of(service);
  service.elapse?.(own, nowMs);
  const request: OperationRequest<unknown> = {
    input,
    operation,
    userArn,
    region,
    accountId,
    nowMs,
    state: own,
    via,
    authorize: (action, resource, context = {}) => control.check({ action, resource, context, requestId }, userArn),
    call(other, asked, given) {
      const behalf = { service: other as Service<unknown>, operation: asked, input: given, via: service.name };
      return perform({ ...call, ...behalf }, state, control) ?? {};
    },
    save: state.save,
  };
  return run(request);
}
